//! The GitHub action `publish`, as a runner runs it: its own identity, its summary, its message.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use nada_tests::demo::nada;

use crate::catalogue::{BUCKET, endpoint, wav};

const ROLE: &str = "arn:aws:iam::123456789012:role/nada-publish";
const AUDIO: &str = "one.wav";

/// GitHub's token service and AWS' STS, both strict: a token takes the bearer, and the writer's
/// credentials take that token and this role. It ends with the process.
fn identity_service() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(&stream);
            let head: Vec<String> =
                reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let length = head
                .iter()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            let (status, answer) = answer(&head, &String::from_utf8(body).unwrap());
            let length = answer.len();
            let _ = (&stream).write_all(
                format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}")
                    .as_bytes(),
            );
        }
    });
    url
}

fn answer(head: &[String], body: &str) -> (&'static str, String) {
    let asks = head[0].starts_with("GET /token?id=1&audience=sts.amazonaws.com ");
    if asks && head.iter().any(|line| line.eq_ignore_ascii_case("authorization: bearer b3arer")) {
        return ("200 OK", r#"{"value":"identity-token"}"#.to_owned());
    }
    let assumes =
        ["Action=AssumeRoleWithWebIdentity", "WebIdentityToken=identity-token", "role%2Fnada-publish"];
    if assumes.iter().all(|part| body.contains(part)) {
        return (
            "200 OK",
            "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
             <AccessKeyId>writer</AccessKeyId><SecretAccessKey>writer-secret</SecretAccessKey>\
             <SessionToken>session</SessionToken><Expiration>2040-01-01T00:00:00Z</Expiration></Credentials>\
             </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
                .to_owned(),
        );
    }
    ("403 Forbidden", String::new())
}

/// A runner's folders, with a checkout of one release.
struct Runner {
    folder: tempfile::TempDir,
}

impl Runner {
    fn new(toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("temp")).unwrap();
        fs::create_dir(folder.path().join("album")).unwrap();
        fs::write(folder.path().join("album/release.toml"), toml).unwrap();
        fs::write(folder.path().join("album").join(AUDIO), wav(440.0, 0.2)).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Runs the action's script with these variables more, and nothing of this process' own but the PATH.
    fn publish(&self, variables: &[(&str, &str)]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/actions/publish/publish");
        let beside = nada().unwrap().parent().unwrap().to_owned();
        let path = format!("{}:{}", beside.display(), std::env::var("PATH").unwrap());
        Command::new(script)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_RUN_ID", "77")
            .env("RELEASE", self.path("album/release.toml"))
            .env("BUCKET", format!("s3://{BUCKET}"))
            .env("AWS_REGION", "ap-south-1")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }
}

fn toml(audio: &str) -> String {
    format!(
        "[release]\nid = \"album\"\ntitle = \"Album\"\nterritories = [\"IN\"]\n[ladder]\nrenditions = [\"aac-128\"]\n\
         [[track]]\nid = \"one\"\ntitle = \"One\"\nartists = [\"A\"]\naudio = \"{audio}\"\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_publishes_with_the_identity_of_the_job_and_links_what_came_of_it() {
    let store = tempfile::tempdir().unwrap();
    let endpoint = endpoint(store.path()).await;
    let runner = Runner::new(&toml(AUDIO));
    let keys = Command::new(nada().unwrap()).args(["token", "keygen"]).output().unwrap();
    let keys = String::from_utf8(keys.stdout).unwrap();
    let service = identity_service();
    let token_url = format!("{service}/token?id=1");
    let endpoint_url = endpoint.url();
    let variables = [
        ("ROLE", ROLE),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", token_url.as_str()),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "b3arer"),
        ("AWS_ENDPOINT_URL_STS", &service),
        ("AWS_ENDPOINT_URL_S3", &endpoint_url),
        // of the runner, and not to be used
        ("AWS_ACCESS_KEY_ID", "reader"),
        ("AWS_SECRET_ACCESS_KEY", "reader-secret"),
        ("PREVIEW_BASE", "https://edge.example"),
        ("PREVIEW_KEYS", &keys),
    ];
    let run = tokio::task::block_in_place(|| runner.publish(&variables));
    assert!(run.status.success(), "{run:?}");
    let summary = runner.read("summary");
    assert!(summary.contains("### Published: album"), "{summary}");
    assert!(summary.contains("| one | "), "{summary}");
    assert!(summary.contains("[play](https://edge.example/~"), "{summary}");
    assert!(summary.contains("/t/one/multivariant.m3u8)"), "{summary}");
    let output = runner.read("output");
    let report: serde_json::Value = serde_json::from_str(output.strip_prefix("report=").unwrap()).unwrap();
    assert_eq!((&report["release"], &report["state"]), (&"album".into(), &"live".into()));
    let left: Vec<_> = fs::read_dir(runner.path("temp")).unwrap().collect();
    assert!(left.is_empty(), "left on the runner: {left:?}");
    let log = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
    for secret in ["b3arer", "identity-token", "writer-secret", "/~"] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_fails_with_the_message_and_the_code_of_the_command() {
    let store = tempfile::tempdir().unwrap();
    let endpoint = endpoint(store.path()).await;
    let runner = Runner::new(&toml("two.wav"));
    let endpoint_url = endpoint.url();
    let variables = [
        ("AWS_ENDPOINT_URL_S3", endpoint_url.as_str()),
        ("AWS_ACCESS_KEY_ID", "writer"),
        ("AWS_SECRET_ACCESS_KEY", "writer-secret"),
    ];
    let run = tokio::task::block_in_place(|| runner.publish(&variables));
    assert_eq!(run.status.code(), Some(65), "{run:?}");
    let stdout = String::from_utf8(run.stdout).unwrap();
    let message = stdout.lines().find_map(|line| line.strip_prefix("::error title=nada publish::")).unwrap();
    assert!(message.contains("two.wav"), "{message}");
    let summary = runner.read("summary");
    assert!(summary.contains("### Not published: album") && summary.contains(message), "{summary}");
    assert_eq!(runner.read("output"), "");
}

/// A runner that obeys each line as GitHub's does, until it is told to stop: what it would have done.
fn obeyed(log: &str) -> Vec<&str> {
    let (mut stopped, mut obeyed) = (None, Vec::new());
    for line in log.lines().map(str::trim_start) {
        match stopped {
            Some(token)
                if line.strip_prefix("::").and_then(|line| line.strip_suffix("::")) == Some(token) =>
            {
                stopped = None
            }
            Some(_) => {}
            None => match line.strip_prefix("::stop-commands::") {
                Some(token) => stopped = Some(token),
                None if line.starts_with("::") || line.contains("##[") => obeyed.push(line),
                None => {}
            },
        }
    }
    assert_eq!(stopped, None, "commands stay stopped: {log}");
    obeyed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_release_says_commands_neither_the_runner_nor_its_summary() {
    let store = tempfile::tempdir().unwrap();
    let endpoint = endpoint(store.path()).await;
    let hostile = "x\n::add-mask::a\n##[set-output name=b]c\n~~~~\n# <b>[d](e)";
    let runner = Runner::new(&toml(AUDIO));
    let album = runner.path(hostile);
    fs::create_dir(&album).unwrap();
    let words = hostile.replace('\n', "\\n");
    let text = format!("{}\"{words}\" = 1\n", toml(AUDIO));
    fs::write(album.join("release.toml"), text).unwrap();
    let release = album.join("release.toml");
    let endpoint_url = endpoint.url();
    let variables = [
        ("AWS_ENDPOINT_URL_S3", endpoint_url.as_str()),
        ("AWS_ACCESS_KEY_ID", "writer"),
        ("AWS_SECRET_ACCESS_KEY", "writer-secret"),
        ("RELEASE", release.to_str().unwrap()),
    ];
    let run = tokio::task::block_in_place(|| runner.publish(&variables));
    assert_eq!(run.status.code(), Some(65), "{run:?}");
    assert_eq!(String::from_utf8(run.stderr).unwrap(), "", "a runner reads it apart");
    let log = String::from_utf8(run.stdout).unwrap();
    assert!(log.contains("::stop-commands::") && log.contains("nada: "), "{log}");
    let obeyed = obeyed(&log);
    assert_eq!(obeyed.len(), 1, "{log}");
    assert!(obeyed[0].starts_with("::error title=nada publish::"), "{log}");
    let summary = runner.read("summary");
    let title = summary.lines().next().unwrap();
    assert!(
        title.starts_with("### Not published: x ") && !title.contains("<b>") && !title.contains("[d]("),
        "{summary}"
    );
    // the fence opens and closes once, and nothing but what is ours lies outside
    let fences = summary.lines().filter(|line| line.trim_start().starts_with("~~~")).count();
    assert_eq!(fences, 2, "{summary}");
}

#[test]
fn without_a_token_it_says_which_permission_is_missing() {
    let run = Runner::new(&toml(AUDIO)).publish(&[("ROLE", ROLE)]);
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert_eq!(run.status.code(), Some(1), "{stdout}");
    assert!(stdout.contains("permissions: id-token: write"), "{stdout}");
}
