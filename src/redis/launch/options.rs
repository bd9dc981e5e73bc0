//! The command line of redis-server.

/// What the command line asks for.
pub enum Parsed {
    /// Print and end.
    Print(String),
    /// Print to standard error and fail.
    Complain(String),
    /// Run a server.
    Run(Invocation),
}

/// How to run a server.
#[derive(Debug, Default, PartialEq)]
pub struct Invocation {
    /// The configuration file.
    pub file: Option<String>,
    /// Read more from standard input.
    pub stdin: bool,
    /// Options, written as lines of a configuration file.
    pub lines: String,
    /// Sentinel mode.
    pub sentinel: bool,
    /// Whether there were any arguments at all.
    pub any: bool,
}

const USAGE: &str = "Usage: ./redis-server [/path/to/redis.conf] [options] [-]
       ./redis-server - (read config from stdin)
       ./redis-server -v or --version
       ./redis-server -h or --help
       ./redis-server --test-memory <megabytes>
       ./redis-server --check-system

Examples:
       ./redis-server (run the server with default conf)
       echo 'maxmemory 128mb' | ./redis-server -
       ./redis-server /etc/redis/6379.conf
       ./redis-server --port 7777
       ./redis-server --port 7777 --replicaof 127.0.0.1 8888
       ./redis-server /etc/myredis.conf --loglevel verbose -
       ./redis-server /etc/myredis.conf --loglevel verbose

Sentinel mode:
       ./redis-server /etc/sentinel.conf --sentinel
";

/// How a version is told on the command line.
pub fn version(version: &str) -> String {
    format!("v={version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d0c4ed0000000001")
}

/// Reads the arguments, the program's name first.
pub fn read(args: &[String], version: &str) -> Parsed {
    let rest = args.get(1..).unwrap_or_default();
    match rest {
        [one, ..] if one == "-v" || one == "--version" => {
            return Parsed::Print(format!("Redis server {}\n", self::version(version)));
        }
        [one, ..] if one == "-h" || one == "--help" => return Parsed::Complain(USAGE.to_owned()),
        [one] if one == "--test-memory" => {
            return Parsed::Complain(
                "Please specify the amount of memory to test in megabytes.\nExample: ./redis-server --test-memory 4096\n\n"
                    .to_owned(),
            );
        }
        [one, ..] if one == "--test-memory" || one == "--check-system" => {
            return Parsed::Complain(format!("drydock: redis-server {one} is not emulated here\n"));
        }
        _ => {}
    }
    let program = args.first().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
    let sentinel = program.contains("redis-sentinel") || rest.iter().any(|a| a == "--sentinel");
    let mut invocation = Invocation { any: !rest.is_empty(), sentinel, ..Invocation::default() };
    let mut at = 0;
    if let Some(first) = rest.first()
        && !first.starts_with("--")
        && first != "-"
    {
        invocation.file = Some(first.clone());
        at = 1;
    }
    let options = &rest[at..];
    // Whether the word before was an option without a value yet.
    let mut open = false;
    for (n, word) in options.iter().enumerate() {
        if word == "-" && (at + n == 0 || n + 1 == options.len()) {
            invocation.stdin = true;
        } else if let Some(name) = word.strip_prefix("--")
            && (!open || !previous_takes_dashes(options, n))
        {
            if !invocation.lines.is_empty() {
                invocation.lines.push('\n');
            }
            invocation.lines.push_str(name);
            invocation.lines.push(' ');
            // A word of its own, which says only that this is a Sentinel.
            open = name != "sentinel" || options.get(n + 1).is_some_and(|next| !next.starts_with("--"));
        } else {
            invocation.lines.push_str(&resp::repr(&machine::text::to_bytes(word)));
            invocation.lines.push(' ');
            open = false;
        }
    }
    Parsed::Run(invocation)
}

/// `--save` may come without any value.
fn previous_takes_dashes(options: &[String], n: usize) -> bool {
    n > 0 && !options[n - 1].starts_with("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Invocation {
        let args: Vec<String> =
            std::iter::once("redis-server".to_owned()).chain(line.split(' ').map(str::to_owned)).collect();
        match read(&args, "8.6.3") {
            Parsed::Run(invocation) => invocation,
            _ => panic!("does not run"),
        }
    }

    #[test]
    fn options_become_lines() {
        let i = run("/a.conf --port 7000 --bind 1.2.3.4 ::1");
        assert_eq!(i.file.as_deref(), Some("/a.conf"));
        assert_eq!(i.lines, "port \"7000\" \nbind \"1.2.3.4\" \"::1\" ");
        assert!(run("-").stdin && run("/a.conf -").stdin && !run("/a.conf - --port 1").stdin);
        let first = run("- --port 7000");
        assert!(first.stdin && first.file.is_none());
        assert_eq!(first.lines, "port \"7000\" ");
        assert_eq!(run("--port abc").lines.trim(), "port \"abc\"");
        let watching = run("/a.conf --sentinel --port 5000");
        assert!(watching.sentinel && watching.file.is_some());
        assert_eq!(watching.lines, "sentinel \nport \"5000\" ");
        assert!(!run("/a.conf --port 5000").sentinel);
    }
}
