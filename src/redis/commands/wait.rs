//! WAIT numreplicas timeout

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "wait",
    arity: 3,
    flags: flag::BLOCKING,
    acl: acl::SLOW | acl::BLOCKING | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:agg_min"],
    docs: Docs {
        summary: "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
        since: "3.0.0",
        group: "generic",
        complexity: "O(1)",
        args: "numreplicas:i timeout:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.repl.is_replica() {
        return Err("ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.".into());
    }
    let count = cx.int(1)?;
    let until = cx.timeout_ms(2)?;
    crate::replication::wait(cx, count, until, None)
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn timeouts_beyond_the_clock_are_refused() {
        let mut bench = Bench::start("");
        for timeout in [i64::MAX, 0x7fff_ffff_ffff_fff0] {
            assert_eq!(bench.run(&format!("WAIT 2 {timeout}")), "ERR timeout is out of range");
            assert_eq!(bench.run(&format!("CLIENT PAUSE {timeout}")), "ERR timeout is out of range");
        }
        assert_eq!(bench.run("WAIT 2 9000000000000"), "");
        bench.pass(10);
    }
}
