//! What a decoder that was taken over would try, in the place of one: a line for each, `done` or `refused`.
#![allow(unsafe_code)]

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    net::{TcpListener, UdpSocket},
    os::unix::net::UnixStream,
    process::Command,
};

/// Tries all of it, after the sandbox was entered where `confined`.
pub fn run(confined: bool) {
    // what a child has open by then
    let mut source = File::open("/proc/self/exe").unwrap();
    if confined {
        nada_pipeline::sandbox::enter().unwrap();
    }
    let mut lines = String::new();
    let mut tell =
        |name: &str, done: bool| lines += &format!("{name} {}\n", if done { "done" } else { "refused" });
    let call = |number: i64, arguments: [i64; 4]| {
        let [a, b, c, d] = arguments;
        // SAFETY: none of these calls writes to memory of this process that anything else uses
        unsafe { libc::syscall(number, a, b, c, d) }
    };
    let pid = i64::from(std::process::id());

    tell("kept-read", source.read(&mut [0; 64]).is_ok_and(|read| read == 64));
    tell("kept-seek", source.seek(SeekFrom::Start(1)).is_ok());
    tell("kept-length", source.metadata().is_ok());
    tell("kept-duplicate", source.try_clone().is_ok());
    tell("kept-memory", vec![1_u8; 64 << 20].iter().map(|byte| u64::from(*byte)).sum::<u64>() == 64 << 20);
    tell("kept-panic", std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(()))).is_err());

    tell("open", File::open("/etc/passwd").is_ok());
    tell("open-a-folder", fs::read_dir("/").is_ok());
    tell("parent-environ", fs::read("/proc/self/environ").is_ok());
    tell("write-a-file", File::create("/dev/null").is_ok());
    tell("look-up", fs::metadata("/etc/passwd").is_ok());
    tell("read-a-link", fs::read_link("/proc/self/exe").is_ok());
    tell("tcp", TcpListener::bind("127.0.0.1:0").is_ok());
    tell("udp", UdpSocket::bind("127.0.0.1:0").is_ok());
    tell("unix", UnixStream::pair().is_ok());
    tell("exec", Command::new("/bin/true").status().is_ok());
    tell("thread", std::thread::Builder::new().spawn(|| ()).is_ok());
    tell("signal", call(libc::SYS_kill, [pid, 0, 0, 0]) == 0);
    tell("pipe", io::pipe().is_ok());
    tell("limits", call(libc::SYS_prlimit64, [0, i64::from(libc::RLIMIT_CPU as i32), 0, 0]) == 0);
    // the dumpable flag of this process
    tell("prctl", call(libc::SYS_prctl, [i64::from(libc::PR_GET_DUMPABLE), 0, 0, 0]) >= 0);
    let code = i64::from(libc::PROT_READ | libc::PROT_EXEC);
    // SAFETY: new memory that nothing uses
    let mapped = unsafe {
        libc::mmap(std::ptr::null_mut(), 4096, code as i32, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    };
    tell("code", mapped != libc::MAP_FAILED);
    tell("user", call(libc::SYS_getppid, [0; 4]) > 0);
    // SAFETY: the child ends at once
    let forked = unsafe { libc::fork() };
    if forked == 0 {
        // SAFETY: nothing is to be cleaned up
        unsafe { libc::_exit(0) };
    }
    if forked > 0 {
        // its end is a signal to this process, at which one that is traced stops
        // SAFETY: a null pointer asks for no status
        unsafe { libc::waitpid(forked, std::ptr::null_mut(), 0) };
    }
    tell("fork", forked > 0);
    // last: from then on the parent traces this process
    tell("ptrace", call(libc::SYS_ptrace, [i64::from(libc::PTRACE_TRACEME), 0, 0, 0]) == 0);
    io::stdout().write_all(lines.as_bytes()).unwrap();
}
