//! The learners' two documents and what else is learnt with containers, command by command: the same world twice gives equal bytes, and the moments that
//! the documents are about come out as they say.

use std::fs;
use std::path::PathBuf;

use playground::{BootOptions, Play};
use serde_json::Value;

/// A walk-through's steps with what ours answered.
struct Walk {
    steps: Vec<Value>,
    answers: Vec<Value>,
    bytes: String,
}

fn walk(name: &str) -> Walk {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("walkthroughs").join(format!("{name}.jsonl"));
    let text = fs::read_to_string(path).expect("a walk-through");
    let mut play = Play::new(&BootOptions { seed: 7, ..BootOptions::default() });
    let (mut steps, mut answers, mut bytes) = (Vec::new(), Vec::new(), String::new());
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let answer = play.line(line);
        steps.push(serde_json::from_str(line).expect("a step"));
        answers.push(serde_json::from_str(&answer).expect("an answer"));
        bytes.push_str(&answer);
        bytes.push('\n');
    }
    Walk { steps, answers, bytes }
}

impl Walk {
    /// The answer to the nth step (from 1) whose line is `typed`, or where none is, begins with it or holds it.
    fn answer(&self, typed: &str, nth: usize) -> &Value {
        let line = |step: &Value| step["line"].as_str().unwrap_or_default().to_string();
        let exact = self.steps.iter().any(|s| line(s) == typed);
        let holds = |step: &Value| if exact { line(step) == typed } else { line(step).contains(typed) };
        let at = self.steps.iter().enumerate().filter(|(_, s)| holds(s)).nth(nth - 1);
        &self.answers[at.unwrap_or_else(|| panic!("no step {typed:?}")).0]
    }

    #[track_caller]
    fn shows(&self, typed: &str, nth: usize, wanted: &str) {
        let output = self.answer(typed, nth)["output"].as_str().unwrap_or_default();
        assert!(output.contains(wanted), "{typed:?} shows no {wanted:?} but:\n{output}");
    }

    #[track_caller]
    fn gives(&self, typed: &str, nth: usize, status: u64) {
        assert_eq!(self.answer(typed, nth)["status"], status, "{typed:?}: {}", self.answer(typed, nth));
    }
}

#[test]
fn containers() {
    let walk = walk("containers");
    assert_eq!(walk.bytes, self::walk("containers").bytes, "two runs of one world differ");
    walk.shows("docker start -a", 1, "bin\r\n");
    walk.shows("docker ps", 2, "Up ");
    walk.shows("docker rm sleeper", 1, "container is running: stop the container before removing or force remove");
    walk.gives("docker rm sleeper", 1, 1);
    walk.gives("docker rm $(docker ps -a -q)", 1, 0);
    walk.gives("docker rm `docker ps -a -q`", 1, 0);
    walk.shows("docker rmi alpine", 1, "Untagged: alpine:latest");
    walk.shows("docker system prune", 1, "Are you sure you want to continue? [y/N]");
    walk.shows("redis-cli", 1, "bash: redis-cli: command not found");
    walk.gives("redis-cli", 1, 127);
    walk.shows("docker exec -it $(docker ps -q) redis-cli", 1, "127.0.0.1:6379> ");
    walk.shows("set key1 test", 1, "OK");
    walk.shows("get key1", 1, "\"test\"");
    walk.shows(" zsh", 1, "executable file not found in $PATH");
    walk.gives(" zsh", 1, 127);
    walk.shows(" powershell", 1, "executable file not found in $PATH");
    walk.gives("docker build .", 1, 0);
    walk.gives("docker build ./", 1, 0);
    walk.shows("docker build -t me/repo/project:1.0 ./", 1, "naming to docker.io/me/repo/project:1.0");
    walk.shows("docker run --rm me/repo/project:1.0", 1, "hello from my image");
}

#[test]
fn cluster() {
    let walk = walk("cluster");
    assert_eq!(walk.bytes, self::walk("cluster").bytes, "two runs of one world differ");
    walk.shows("docker images", 1, "redis");
    walk.gives("docker network create redis-cluster", 1, 0);
    walk.shows("docker ps", 1, "0.0.0.0:7002->7002/tcp");
    walk.shows("docker network inspect redis-cluster", 1, "\"IPv4Address\": \"172.18.0.2/16\"");
    walk.shows("172.18.0.2/16:7000", 1, "Could not connect to Redis at 172.18.0.2/16:7000: Name or service not known");
    walk.shows("172.18.0.2:7000", 1, "Can I set the above configuration?");
    walk.shows("yes", 1, "[OK] All 16384 slots covered.");
    walk.shows("set foo bar", 1, "-> Redirected to slot [12182] located at 172.18.0.4:7002");
    walk.shows("get foo", 1, "\"bar\"");
    walk.shows("get foo", 2, "(error) MOVED 12182 172.18.0.4:7002");
    walk.shows("cluster keyslot foo", 1, "(integer) 12182");
    walk.shows("cluster info", 1, "cluster_state:ok");
}

#[test]
fn sentinel() {
    let walk = walk("sentinel");
    assert_eq!(walk.bytes, self::walk("sentinel").bytes, "two runs of one world differ");
    walk.shows("sentinel ckquorum", 1, "OK 3 usable Sentinels. Quorum and failover authorization can be reached");
    walk.shows("info sentinel", 1, "master0:name=mymaster,status=ok,address=172.18.0.2:6379,slaves=2,sentinels=3");
    walk.shows("switch-master", 1, "# +switch-master mymaster 172.18.0.2 6379 172.18.0.");
    let new = ["172.18.0.3", "172.18.0.4"];
    let told = walk.answer("get-master-addr-by-name", 1)["output"].as_str().unwrap_or_default();
    let new: Vec<&str> = new.into_iter().filter(|ip| told.contains(ip)).collect();
    assert_eq!(new.len(), 1, "the three agree on one new master: {told}");
    walk.shows("docker start redis1", 1, &format!("slave\r\n{}\r\n6379\r\nconnected\r\n", new[0]));
    walk.shows("grep -c", 1, "2\r\n");
    walk.shows(
        "docker run --rm redis redis-sentinel",
        1,
        "Sentinel needs config file on disk to save state. Exiting...",
    );
    // A file that is mounted alone can't be replaced.
    walk.shows("docker logs mounted", 1, "Could not rename tmp config file (Device or resource busy)");
}

#[test]
fn persistence() {
    let walk = walk("persistence");
    assert_eq!(walk.bytes, self::walk("persistence").bytes, "two runs of one world differ");
    walk.shows("docker top store", 1, "redis-rdb-bgsave");
    walk.shows("docker exec store redis-cli BGSAVE", 1, "Background saving started");
    walk.shows("docker exec store redis-cli BGSAVE", 2, "ERR Background save already in progress");
    walk.shows("INFO persistence", 1, "rdb_bgsave_in_progress:1");
    walk.shows("INFO persistence", 2, "rdb_bgsave_in_progress:0");
    walk.shows("docker exec store ls /data", 1, "dump.rdb");
    // The snapshot is of the moment when it was asked for.
    walk.shows("docker exec store redis-cli GET key:1", 1, "value:1");
    let files = walk.answer("docker exec store ls -a /data", 1)["output"].as_str().unwrap_or_default();
    assert!(!files.contains("temp-"), "{files}");
    walk.shows("ls /data/appendonlydir", 1, "appendonly.aof.1.base.rdb");
    walk.shows("ls /data/appendonlydir", 1, "appendonly.aof.1.incr.aof");
    walk.shows("docker exec store redis-cli DBSIZE", 1, "20001");
    for line in [
        "Background saving started by pid",
        "BGSAVE done, 20000 keys saved, 0 keys skipped",
        "DB saved on disk",
        "Fork CoW for RDB: current 0 MB",
        "Background saving terminated with success",
        "Received SIGUSR1 in child, exiting now.",
        "Background saving terminated by signal 10",
        "Creating AOF incr file temp-appendonly.aof.incr on background rewrite",
        "Successfully created the temporary AOF base file temp-rewriteaof-bg-",
        "Background AOF rewrite finished successfully",
    ] {
        walk.shows("docker logs store", 1, line);
    }
}
