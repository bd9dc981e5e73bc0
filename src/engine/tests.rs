//! The daemon on a machine, asked over its socket: what it answers, and what containers do.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use docker_api::reference::Reference;
use docker_api::types::{ImageConfig, SearchResult};
use machine::fs::{FileContent, OpenFlags};
use machine::net::{SocketAddress, SocketKind};
use machine::sys::Spawn;
use machine::{ExitCode, Fd, Instant, Machine, MachineConfig, Pid, Signal, Sys, UnixTime, program, program_file};

use crate::model::image::{History, Image};
use crate::registry::{LayerFile, LayerKind, Registry, RegistryError, RemoteImage, RemoteLayer};

/// A registry with one image: two programs and a user.
struct Stub;

impl Registry for Stub {
    fn tags(&self, _: &Reference) -> Vec<String> {
        vec!["latest".to_string()]
    }

    fn resolve(&self, reference: &Reference) -> Result<RemoteImage, RegistryError> {
        match (reference.familiar_name().as_str(), reference.tag.as_deref()) {
            ("greeter", Some("latest")) => Ok(greeter()),
            ("greeter", _) => Err(RegistryError::NoManifest),
            _ => Err(RegistryError::Denied),
        }
    }

    fn search(&self, _: &str) -> Vec<SearchResult> {
        Vec::new()
    }
}

fn greeter() -> RemoteImage {
    let file = |path: &str, content: Vec<u8>, mode: u32| LayerFile {
        path: path.into(),
        kind: LayerKind::File(FileContent::from(content)),
        mode,
        uid: 0,
        gid: 0,
    };
    let dir = |path: &str| LayerFile { path: path.into(), kind: LayerKind::Directory, mode: 0o755, uid: 0, gid: 0 };
    let files = move || {
        vec![
            dir("bin"),
            file("bin/greet", program_file("greet"), 0o755),
            file("bin/sh", program_file("sh"), 0o755),
            dir("etc"),
            file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n".to_vec(), 0o644),
        ]
    };
    let config =
        ImageConfig { cmd: Some(vec!["greet".into()]), env: Some(vec!["PATH=/bin".into()]), ..ImageConfig::default() };
    let history = vec![History { created_by: "ADD greeter".into(), ..History::default() }];
    RemoteImage {
        config: Image {
            os: "linux".into(),
            created: "2025-01-01T00:00:00Z".into(),
            config,
            history,
            ..Image::default()
        },
        layers: vec![RemoteLayer { compressed: 1000, size: 2000, files: Rc::new(files) }],
    }
}

/// Says who it is; with an argument it ends with that status.
async fn greet(sys: Sys) -> ExitCode {
    let text = format!("hello from {} as {}\n", sys.hostname(), sys.getpid().0);
    let _ = sys.write_all(Fd::STDOUT, text.as_bytes()).await;
    ExitCode(sys.args().get(1).and_then(|a| a.parse().ok()).unwrap_or(0))
}

/// `sh -c WORD`: writes the word into `/made`, fails on `false`, sleeps on `sleep`.
async fn sh(sys: Sys) -> ExitCode {
    let word = sys.args().get(2).cloned().unwrap_or_default();
    match word.as_str() {
        "false" => return ExitCode(1),
        "sleep" => drop(sys.sleep(Duration::from_secs(1000)).await),
        _ => {}
    }
    let Ok(fd) = sys.open("/made", OpenFlags::CREATE, 0o644).await else { return ExitCode(2) };
    let _ = sys.write_all(fd, word.as_bytes()).await;
    ExitCode(0)
}

/// One request on a connection of its own; gives the whole answer, chunks and all.
async fn ask(sys: &Sys, method: &str, target: &str, body: &[u8]) -> String {
    let Ok(fd) = sys.socket(SocketKind::UnixStream) else { return String::new() };
    while sys.connect(fd, &SocketAddress::Unix(Some(docker_api::DEFAULT_SOCKET.into()))).await.is_err() {
        let _ = sys.sleep(Duration::from_millis(1)).await;
    }
    let head =
        format!("{method} {target} HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = sys.write_all(fd, head.as_bytes()).await;
    let _ = sys.write_all(fd, body).await;
    let answer = sys.read_to_end(fd, 1 << 20).await.unwrap_or_default();
    let _ = sys.close(fd);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Ends the daemon by a signal and starts another one.
async fn start_again(sys: &Sys, signal: Signal) {
    let text = sys.file_content("/var/run/docker.pid").unwrap_or_default();
    let pid = String::from_utf8_lossy(&text.data).parse().map(Pid).expect("a process id");
    let _ = sys.kill(pid, Some(signal));
    while sys.kill(pid, None).is_ok() {
        let _ = sys.sleep(Duration::from_millis(1)).await;
    }
    let fds = [Fd::STDIN, Fd::STDOUT, Fd::STDERR];
    for _ in fds {
        let _ = sys.open("/dev/null", OpenFlags::READ_WRITE, 0).await;
    }
    let args = vec!["dockerd".into()];
    let spawn =
        Spawn { path: "/usr/bin/dockerd".into(), args, fds: fds.map(|fd| (fd, fd)).to_vec(), ..Spawn::default() };
    assert!(sys.spawn(spawn).is_ok());
}

/// Asks all of these, one after the other; the method `SIGNAL` sends one to the daemon and starts it again.
fn answers(requests: Vec<(&'static str, String, Vec<u8>)>) -> Vec<String> {
    let machine = Machine::boot(&MachineConfig { seed: 7, boot: UnixTime(0), hostname: "host".into() });
    machine.install(crate::programs(Rc::new(Stub)));
    machine.install([program!("greet", greet), program!("sh", sh)]);
    let init = machine.init();
    for dir in ["/usr", "/usr/bin", "/var", "/var/run", "/var/lib", "/etc", "/root"] {
        let _ = init.mkdir(dir, 0o755);
    }
    for (path, content) in [("/etc/hosts", &b""[..]), ("/etc/resolv.conf", b"nameserver 10.0.2.3\n")] {
        let _ = init.put_file(path, content.to_vec().into(), 0o644);
    }
    let _ = init.put_file("/usr/bin/dockerd", program_file("dockerd").into(), 0o755);
    let daemon = machine.start(|sys| async move {
        for _ in 0..3 {
            let _ = sys.open("/dev/null", OpenFlags::READ_WRITE, 0).await;
        }
        let _ = sys.execve("/usr/bin/dockerd", vec!["dockerd".into()], Vec::new()).await;
        ExitCode(127)
    });
    assert!(daemon.is_ok());
    let out: Rc<RefCell<Vec<String>>> = Rc::default();
    let seen = out.clone();
    let client = machine.start(move |sys| async move {
        for (method, target, body) in requests {
            if method == "SIGNAL" {
                start_again(&sys, if target == "TERM" { Signal::TERM } else { Signal::KILL }).await;
                continue;
            }
            let answer = ask(&sys, method, &target, &body).await;
            seen.borrow_mut().push(answer);
        }
        ExitCode(0)
    });
    assert!(client.is_ok());
    machine.run(Instant(120_000_000_000), 10_000_000);
    out.take()
}

fn get(target: &str) -> (&'static str, String, Vec<u8>) {
    ("GET", target.into(), Vec::new())
}

fn post(target: &str, body: &str) -> (&'static str, String, Vec<u8>) {
    ("POST", target.into(), body.as_bytes().to_vec())
}

/// An archive with this Dockerfile.
fn context(text: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_size(text.len() as u64);
    let _ = builder.append_data(&mut header, "Dockerfile", text.as_bytes());
    builder.into_inner().unwrap_or_default()
}

#[test]
fn a_container_runs_and_leaves_status_and_log() {
    let all = answers(vec![
        post("/images/create?fromImage=greeter&tag=latest", ""),
        post("/containers/create?name=one", r#"{"Image":"greeter","Cmd":["greet","3"],"Hostname":"box"}"#),
        post("/containers/one/start", ""),
        post("/containers/one/wait", ""),
        get("/containers/one/logs?stdout=1"),
        get("/v1.51/containers/json?all=1"),
        ("DELETE", "/images/greeter".into(), Vec::new()),
        ("DELETE", "/containers/one".into(), Vec::new()),
        get("/containers/one/json"),
    ]);
    assert!(
        all[0].contains("Pull complete") && all[0].contains("Downloaded newer image for greeter:latest"),
        "{}",
        all[0]
    );
    assert!(all[1].starts_with("HTTP/1.1 201"), "{}", all[1]);
    assert!(all[2].starts_with("HTTP/1.1 204"), "{}", all[2]);
    assert!(all[3].contains(r#"{"StatusCode":3}"#), "{}", all[3]);
    assert!(all[4].contains("hello from box as 1\n"), "{}", all[4]);
    assert!(all[5].contains(r#""State":"exited""#) && all[5].contains(r#""Status":"Exited (3) "#), "{}", all[5]);
    assert!(all[6].contains("is using its referenced image"), "{}", all[6]);
    assert!(all[8].contains("No such container: one"), "{}", all[8]);
}

#[test]
fn failures_are_worded_as_docker_words_them() {
    let all = answers(vec![
        post("/images/create?fromImage=nosuch&tag=latest", ""),
        post("/images/create?fromImage=greeter&tag=9", ""),
        post("/images/create?fromImage=greeter&tag=latest", ""),
        post("/containers/create?name=bad", r#"{"Image":"greeter","Cmd":["zsh"]}"#),
        post("/containers/bad/start", ""),
        get("/containers/bad/json"),
        post("/containers/create?name=bad", r#"{"Image":"greeter"}"#),
        post("/containers/create", r#"{"Image":"nosuch"}"#),
        post("/containers/create?name=who", r#"{"Image":"greeter","User":"nobody"}"#),
        post("/containers/who/start", ""),
    ]);
    assert!(all[0].contains("pull access denied for nosuch, repository does not exist"), "{}", all[0]);
    assert!(all[1].contains("manifest for greeter:9 not found: manifest unknown"), "{}", all[1]);
    assert!(all[4].contains(r#"exec: \"zsh\": executable file not found in $PATH"#), "{}", all[4]);
    assert!(all[5].contains(r#""Status":"created""#) && all[5].contains(r#""ExitCode":127"#), "{}", all[5]);
    assert!(all[6].contains("is already in use by container"), "{}", all[6]);
    assert!(all[7].contains("No such image: nosuch:latest"), "{}", all[7]);
    assert!(all[9].contains("unable to find user nobody: no matching entries in passwd file"), "{}", all[9]);
}

#[test]
fn ports_and_networks_are_taken_once() {
    let published = |name: &str| {
        let body = r#"{"Image":"greeter","Cmd":["sh","-c","sleep"],"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}}}"#;
        post(&format!("/containers/create?name={name}"), body)
    };
    let all = answers(vec![
        post("/images/create?fromImage=greeter&tag=latest", ""),
        published("p1"),
        published("p2"),
        post("/containers/p1/start", ""),
        post("/containers/p2/start", ""),
        post("/networks/create", r#"{"Name":"net"}"#),
        post("/networks/create", r#"{"Name":"net"}"#),
        post("/networks/net/connect", r#"{"Container":"p1"}"#),
        get("/networks/net"),
        ("DELETE", "/networks/net".into(), Vec::new()),
        ("DELETE", "/containers/p1?force=1".into(), Vec::new()),
        post("/containers/p2/start", ""),
    ]);
    assert!(all[3].starts_with("HTTP/1.1 204"), "{}", all[3]);
    assert!(all[4].contains("Bind for 0.0.0.0:8080 failed: port is already allocated"), "{}", all[4]);
    assert!(all[6].contains("network with name net already exists"), "{}", all[6]);
    assert!(all[8].contains(r#""IPv4Address":"172.18.0.2/16""#), "{}", all[8]);
    assert!(all[9].contains("has active endpoints (name:\\\"p1\\\""), "{}", all[9]);
    assert!(all[11].starts_with("HTTP/1.1 204"), "{}", all[11]);
}

#[test]
fn builds_run_their_steps_and_remember_them() {
    let good = "FROM greeter\nRUN one\nCMD [\"greet\"]\n";
    let all = answers(vec![
        post("/images/create?fromImage=greeter&tag=latest", ""),
        ("POST", "/build?version=2&t=me/app:1".into(), context(good)),
        ("POST", "/build?version=2".into(), context(good)),
        get("/images/me/app:1/history"),
        ("POST", "/build?version=2".into(), context("FROM greeter\nRUN false\n")),
        ("POST", "/build".into(), context(good)),
        ("POST", "/build?version=2".into(), context("FROM greeter\nFOO\n")),
    ]);
    assert!(all[1].contains("moby.image.id") && all[1].contains("[2/2] RUN one"), "{}", all[1]);
    assert!(!all[1].contains(r#""cached":true"#) && all[2].contains(r#""cached":true"#), "{}", all[2]);
    assert!(all[3].contains("RUN /bin/sh -c one # buildkit") && all[3].contains(r#""Size":3"#), "{}", all[3]);
    assert!(all[4].contains("did not complete successfully: exit code: 1"), "{}", all[4]);
    assert!(all[5].contains("Step 2/3 : RUN one") && all[5].contains("Successfully built"), "{}", all[5]);
    assert!(
        all[6].contains("dockerfile parse error on line 2: unknown instruction: FOO (did you mean FROM?)"),
        "{}",
        all[6]
    );
}

fn signal(name: &str) -> (&'static str, String, Vec<u8>) {
    ("SIGNAL", name.into(), Vec::new())
}

#[test]
fn what_is_there_outlives_the_daemon() {
    let sleeper = |name: &str, policy: &str, more: &str| {
        let host = format!(r#""RestartPolicy":{{"Name":"{policy}"}},"NetworkMode":"net"{more}"#);
        let body = format!(r#"{{"Image":"greeter","Cmd":["sh","-c","sleep"],"HostConfig":{{{host}}}}}"#);
        post(&format!("/containers/create?name={name}"), &body)
    };
    for ending in ["TERM", "KILL"] {
        let all = answers(vec![
            post("/images/create?fromImage=greeter&tag=latest", ""),
            post("/networks/create", r#"{"Name":"net","IPAM":{"Config":[{"Subnet":"10.9.0.0/24"}]}}"#),
            post("/volumes/create", r#"{"Name":"vol","Labels":{"a":"b"}}"#),
            sleeper("always", "always", r#","PortBindings":{"80/tcp":[{"HostPort":"8080"}]},"Binds":["vol:/v"]"#),
            sleeper("unless", "unless-stopped", ""),
            sleeper("plain", "no", ""),
            sleeper("never", "always", ""),
            post("/containers/always/start", ""),
            post("/containers/unless/start", ""),
            post("/containers/plain/start", ""),
            post("/containers/unless/stop?t=0", ""),
            get("/info"),
            signal(ending),
            get("/containers/json?all=1"),
            get("/containers/always/json"),
            get("/networks/net"),
            get("/volumes/vol"),
            get("/images/greeter/json"),
            post("/containers/plain/start", ""),
            post("/containers/create?name=more", r#"{"Image":"greeter"}"#),
            post("/containers/more/start", ""),
            post("/containers/more/wait", ""),
            get("/info"),
        ]);
        let state = |name: &str| {
            let json = all[12].rsplit("\r\n").find(|l| l.starts_with('[')).unwrap_or_default();
            let list: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
            let found = list.as_array().into_iter().flatten().find(|c| c["Names"][0] == format!("/{name}"));
            found.map_or(String::new(), |c| format!("{} {}", c["State"].as_str().unwrap_or(""), c["Status"]))
        };
        assert!(state("always").starts_with("running"), "{ending}: {}", all[12]);
        assert!(
            state("unless").starts_with("exited") && state("never").starts_with("created"),
            "{ending}: {}",
            all[12]
        );
        // A first process that catches nothing is not ended by SIGTERM.
        let code = if ending == "TERM" { "(137)" } else { "(255)" };
        assert!(state("plain").contains(code), "{ending}: {}", all[12]);
        assert!(all[13].contains(r#""IPAddress":"10.9.0.2""#) && all[13].contains(r#""Name":"vol""#), "{}", all[13]);
        assert!(all[14].contains("10.9.0.0/24") && all[15].contains(r#""a":"b""#), "{} {}", all[14], all[15]);
        assert!(all[16].contains(r#""RepoTags":["greeter:latest"]"#), "{}", all[16]);
        assert!(
            all[17].starts_with("HTTP/1.1 204") && all[20].contains(r#"{"StatusCode":0}"#),
            "{} {}",
            all[17],
            all[20]
        );
        let id = |text: &str| text.split(r#""ID":""#).nth(1).map(|t| t[..36].to_owned());
        assert_eq!(id(&all[11]), id(&all[21]), "the daemon keeps its id");
    }
}

#[test]
fn what_was_built_is_remembered_by_the_next_daemon() {
    let context = context("FROM greeter\nRUN one\n");
    let all = answers(vec![
        post("/images/create?fromImage=greeter&tag=latest", ""),
        ("POST", "/build?version=2&t=me/app".into(), context.clone()),
        signal("TERM"),
        ("POST", "/build?version=2&t=me/other".into(), context),
        post("/containers/create?name=made", r#"{"Image":"me/other","Cmd":["greet"]}"#),
        post("/containers/made/start", ""),
        post("/containers/made/wait", ""),
    ]);
    assert!(!all[1].contains(r#""cached":true"#) && all[2].contains(r#""cached":true"#), "{}", all[2]);
    assert!(all[5].contains(r#"{"StatusCode":0}"#), "{}", all[5]);
}
