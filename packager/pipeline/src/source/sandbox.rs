//! What a decoding child gives up once its source is open: everything but reading and writing what it has open, memory and
//! its end. Linux does that, by seccomp; elsewhere, and where a system refuses, limits, an empty environment and a process
//! of its own are what is left.

use std::{
    io::{self, Write as _},
    sync::Once,
};

/// Gives up, for good, every other system call of this thread, which has to be the only one. What is refused fails with
/// `EPERM`.
///
/// # Errors
/// The system does not do that. Nothing is given up then.
pub fn enter() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return linux::enter();
    #[cfg(not(target_os = "linux"))]
    Err(io::ErrorKind::Unsupported.into())
}

/// Hides this process' memory and environment from all others of its user, where the system can. No debugger attaches to it
/// from then on, and it leaves no core.
pub fn hide() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Says, once, that sources are decoded without all that.
pub fn tell_absent() {
    static REPORTED: Once = Once::new();
    REPORTED.call_once(|| {
        let _ = writeln!(
            io::stderr(),
            "nada: note: this system has no seccomp for decoders: a song is decoded in a process of its own, with limits and \
             without this one's environment, but it could open files and connections"
        );
    });
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{collections::BTreeMap, io};

    use libc::{
        AT_EMPTY_PATH, F_DUPFD_CLOEXEC, F_GETFD, PROT_EXEC, SYS_brk, SYS_clock_gettime, SYS_close, SYS_exit,
        SYS_exit_group, SYS_fcntl, SYS_fstat, SYS_futex, SYS_getpid, SYS_getrandom, SYS_gettid, SYS_lseek,
        SYS_madvise, SYS_mmap, SYS_mprotect, SYS_mremap, SYS_munmap, SYS_newfstatat, SYS_pread64, SYS_read,
        SYS_readv, SYS_restart_syscall, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
        SYS_sched_yield, SYS_sigaltstack, SYS_statx, SYS_tgkill, SYS_write, SYS_writev,
    };
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter,
    };

    /// What decoding takes: what is open, memory, and the end, also by a panic or an abort.
    const FREE: [i64; 22] = [
        SYS_read,
        SYS_readv,
        SYS_pread64,
        SYS_write,
        SYS_writev,
        SYS_lseek,
        SYS_close,
        SYS_fstat,
        SYS_brk,
        SYS_munmap,
        SYS_mremap,
        SYS_madvise,
        SYS_futex,
        SYS_sched_yield,
        SYS_clock_gettime,
        SYS_getrandom,
        SYS_getpid,
        SYS_gettid,
        SYS_rt_sigaction,
        SYS_rt_sigprocmask,
        SYS_rt_sigreturn,
        SYS_sigaltstack,
    ];
    const END: [i64; 3] = [SYS_exit, SYS_exit_group, SYS_restart_syscall];

    pub fn enter() -> io::Result<()> {
        apply_filter(&program().map_err(io::Error::other)?).map_err(io::Error::other)
    }

    fn program() -> Result<BpfProgram, seccompiler::BackendError> {
        let arch = std::env::consts::ARCH.try_into()?;
        let allow = SeccompAction::Allow;
        let refuse = SeccompAction::Errno(libc::EPERM as u32);
        SeccompFilter::new(rules()?, refuse, allow, arch)?.try_into()
    }

    fn rules() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
        let when = |argument, operator, value: i32| {
            let condition = SeccompCondition::new(argument, Dword, operator, value as u32 as u64)?;
            SeccompRule::new(vec![condition])
        };
        let bits = |mask: i32| SeccompCmpOp::MaskedEq(mask as u32 as u64);
        let own = std::process::id() as i32;
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            FREE.into_iter().chain(END).map(|call| (call, Vec::new())).collect();
        // memory that is code stays as it is
        rules.insert(SYS_mmap, vec![when(2, bits(PROT_EXEC), 0)?]);
        rules.insert(SYS_mprotect, vec![when(2, bits(PROT_EXEC), 0)?]);
        // of what is open, not by a path
        rules.insert(SYS_statx, vec![when(2, bits(AT_EMPTY_PATH), AT_EMPTY_PATH)?]);
        rules.insert(SYS_newfstatat, vec![when(3, bits(AT_EMPTY_PATH), AT_EMPTY_PATH)?]);
        let duplicate = [F_DUPFD_CLOEXEC, F_GETFD].map(|command| when(1, SeccompCmpOp::Eq, command));
        rules.insert(SYS_fcntl, duplicate.into_iter().collect::<Result<_, _>>()?);
        // an abort is a signal to oneself
        rules.insert(SYS_tgkill, vec![when(0, SeccompCmpOp::Eq, own)?]);
        Ok(rules)
    }
}
