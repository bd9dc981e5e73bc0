//! Several Sentinels, a master and its replicas in one process. What is expected was seen with redis-server 8.6.3.

mod net;

use net::Net;

const MASTER: usize = 0;
const ADDRESS: &str = "SENTINEL GET-MASTER-ADDR-BY-NAME mymaster";

#[test]
fn a_dead_master_is_replaced_and_comes_back_as_a_replica() {
    let mut net = Net::start(2, 3, "");
    net.pass(15);
    for at in 3..6 {
        assert!(net.run(at, "SENTINEL CKQUORUM mymaster").starts_with("OK 3 usable Sentinels."));
        assert!(
            net.run(at, "INFO sentinel").contains("name=mymaster,status=ok,address=10.0.0.1:6379,slaves=2,sentinels=3")
        );
    }
    net.kill(MASTER);
    net.pass(15);
    let new = net.run(3, ADDRESS);
    assert!(["(10.0.0.1 6380)", "(10.0.0.1 6381)"].contains(&new.as_str()), "{new}");
    assert!((4..6).all(|at| net.run(at, ADDRESS) == new));
    let leaders: Vec<usize> = (3..6).filter(|at| net.told(*at, "+elected-leader") > 0).collect();
    assert_eq!(leaders.len(), 1, "one leads");
    let events = net.events(leaders[0]);
    let course = [
        "+try-failover",
        "+vote-for-leader",
        "+elected-leader",
        "+failover-state-select-slave",
        "+selected-slave",
        "+failover-state-send-slaveof-noone",
        "+failover-state-wait-promotion",
        "+promoted-slave",
        "+failover-state-reconf-slaves",
        "+slave-reconf-sent",
        "+slave-reconf-inprog",
        "+slave-reconf-done",
        "+failover-end",
        "+switch-master",
    ];
    let mut rest = events.iter();
    assert!(course.iter().all(|wanted| rest.any(|event| event == wanted)), "{events:?}");
    let port = new.trim_matches(['(', ')']).split(' ').next_back().unwrap().to_owned();
    assert!(net.file(leaders[0]).contains(&format!("sentinel monitor mymaster 10.0.0.1 {port} 2\n")));
    assert!(net.file(leaders[0]).contains("sentinel known-replica mymaster 10.0.0.1 6379\n"));
    assert!(net.file(leaders[0]).contains("sentinel config-epoch mymaster 1\n"));
    net.revive(MASTER, "");
    net.pass(30);
    assert!(net.run(MASTER, "ROLE").starts_with(&format!("(slave 10.0.0.1 {port} connected")));
    assert!((3..6).any(|at| net.told(at, "+convert-to-slave") > 0));
}

#[test]
fn equal_seeds_give_equal_logs() {
    let course = || {
        let mut net = Net::start(2, 3, "");
        net.pass(15);
        net.kill(MASTER);
        net.pass(15);
        net.nodes.iter().map(|node| node.world.borrow().log.clone()).collect::<Vec<_>>()
    };
    assert_eq!(course(), course());
}

#[test]
fn without_a_majority_nothing_happens() {
    let mut net = Net::start(1, 3, "");
    net.pass(15);
    net.kill(4);
    net.kill(3);
    net.kill(MASTER);
    net.pass(30);
    assert_eq!(net.run(2, ADDRESS), "(10.0.0.1 6379)");
    assert!(net.told(2, "+sdown master mymaster 10.0.0.1 6379") == 1 && net.told(2, "+odown") == 0);
    assert_eq!(
        net.run(2, "SENTINEL CKQUORUM mymaster"),
        "NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the specified quorum for this master. Not enough available Sentinels to reach the majority and authorize a failover"
    );
}

#[test]
fn a_silent_master_is_down_too_and_a_replica_of_priority_0_is_never_promoted() {
    let mut net = Net::start(2, 3, "");
    net.run(1, "CONFIG SET replica-priority 0");
    net.pass(25);
    net.nodes[MASTER].frozen = true;
    net.pass(20);
    assert_eq!(net.run(3, ADDRESS), "(10.0.0.1 6381)");
    net.nodes[MASTER].frozen = false;
    net.pass(30);
    assert!(net.run(MASTER, "ROLE").starts_with("(slave 10.0.0.1 6381"));
}

#[test]
fn failover_on_request_asks_nobody() {
    let mut net = Net::start(1, 3, "");
    assert_eq!(net.run(2, "SENTINEL FAILOVER mymaster"), "NOGOODSLAVE No suitable replica to promote");
    net.pass(15);
    assert_eq!(net.run(2, "SENTINEL FAILOVER mymaster"), "OK");
    assert_eq!(net.run(2, "SENTINEL FAILOVER mymaster"), "INPROG Failover already in progress");
    net.pass(20);
    assert!((2..5).all(|at| net.run(at, ADDRESS) == "(10.0.0.1 6380)"));
    net.pass(20);
    assert!(net.run(MASTER, "ROLE").starts_with("(slave 10.0.0.1 6380 connected"));
    assert_eq!((net.told(2, "+odown"), net.told(2, "+switch-master mymaster 10.0.0.1 6379 10.0.0.1 6380")), (0, 1));
}

#[test]
fn a_leader_that_crashes_is_replaced() {
    let mut net = Net::start(1, 3, "sentinel master-reboot-down-after-period mymaster 0");
    net.pass(15);
    for at in 2..5 {
        net.run(at, "SENTINEL SIMULATE-FAILURE crash-after-election");
    }
    net.kill(MASTER);
    net.pass(10);
    let crashed: Vec<usize> = (2..5).filter(|at| net.nodes[*at].status == Some(99)).collect();
    assert_eq!(crashed.len(), 1);
    (2..5).filter(|at| !crashed.contains(at)).for_each(|at| {
        net.run(at, "SENTINEL SIMULATE-FAILURE nothing");
    });
    net.pass(120);
    let left = (2..5).find(|at| !crashed.contains(at)).unwrap();
    assert_eq!(net.run(left, ADDRESS), "(10.0.0.1 6380)");
}

#[test]
fn a_clock_that_jumps_is_not_trusted() {
    let mut net = Net::start(1, 1, "");
    net.pass(5);
    net.nodes[2].frozen = true;
    net.pass(10);
    net.nodes[2].frozen = false;
    net.pass(1);
    assert_eq!(net.told(2, "+tilt #tilt mode entered"), 1);
    assert!(net.run(2, "INFO sentinel").contains("sentinel_tilt:1\r\nsentinel_tilt_since_seconds:0"));
    net.pass(31);
    assert_eq!(net.told(2, "-tilt #tilt mode exited"), 1);
    assert_eq!(net.told(2, "+sdown"), 0);
}

#[test]
fn scripts_are_run_and_tried_again() {
    let mut net = Net::start(1, 0, "");
    let at = net.sentinel(26379, "sentinel deny-scripts-reconfig no");
    net.nodes[at].world.borrow_mut().files.insert("/notify".to_owned(), Vec::new());
    let refused = "ERR Notification script seems non existing or non executable";
    assert_eq!(net.run(at, "SENTINEL SET mymaster notification-script /nosuch"), refused);
    assert_eq!(net.run(at, "SENTINEL SET mymaster notification-script /notify"), "OK");
    net.pass(1);
    let text = "master mymaster 10.0.0.1 6379 notification-script /notify";
    assert_eq!(net.nodes[at].runs, [["/notify", "+set", text]]);
    assert!(net.run(at, "SENTINEL PENDING-SCRIPTS").contains("flags running pid 100 run-time"));
    net.nodes[at].server.script_ended(100, 1, 0);
    assert!(net.run(at, "SENTINEL PENDING-SCRIPTS").contains("flags scheduled pid 0 run-delay 30000 retry-num 1"));
    net.pass(31);
    assert_eq!(net.nodes[at].runs.len(), 2);
    net.nodes[at].server.script_ended(101, 3, 0);
    assert_eq!(net.run(at, "SENTINEL PENDING-SCRIPTS"), "()");
    assert_eq!(net.told(at, "-script-error /notify 0 3"), 1);
}

#[test]
fn commands_answer_as_the_original() {
    let mut net = Net::start(1, 1, "");
    net.pass(12);
    for (words, reply) in [
        ("GET x", "ERR unknown command 'GET', with args beginning with: 'x' "),
        ("CONFIG GET port", "ERR unknown command 'CONFIG', with args beginning with: 'GET' 'port' "),
        ("CLIENT NO-TOUCH on", "ERR unknown subcommand 'NO-TOUCH'. Try CLIENT HELP."),
        ("ROLE", "(sentinel (mymaster))"),
        ("SENTINEL MASTER nosuch", "ERR No such master with that name"),
        ("SENTINEL SET mymaster foo bar", "ERR Unknown option or number of arguments for SENTINEL SET 'foo'"),
        ("SENTINEL SET mymaster quorum 0", "ERR Invalid argument '0' for SENTINEL SET 'quorum'"),
        ("SENTINEL SET mymaster quorum 1 parallel-syncs 2", "OK"),
        ("SENTINEL MONITOR a b 1 2", "ERR Invalid IP address or hostname specified"),
        ("SENTINEL MONITOR mymaster 127.0.0.1 1 2", "ERR Duplicate master name."),
        ("SENTINEL CONFIG SET x y", "ERR Invalid argument 'x' to SENTINEL CONFIG SET"),
        ("SENTINEL CONFIG SET announce-port 70000", "ERR Invalid value '70000' to SENTINEL CONFIG SET 'announce-port'"),
        ("SENTINEL CONFIG SET announce-port 7 announce-ip 10.0.0.7", "OK"),
        ("SENTINEL CONFIG GET announce-*", "(announce-hostnames no announce-ip 10.0.0.7 announce-port 7)"),
        ("SENTINEL DEBUG info-period 5000", "OK"),
        ("SENTINEL DEBUG info-period", "ERR Unknown option or number of arguments for SENTINEL DEBUG 'info-period'"),
        ("PUBLISH foo bar", "ERR Only HELLO messages are accepted by Sentinel instances."),
        ("SENTINEL IS-MASTER-DOWN-BY-ADDR 10.0.0.1 6379 0 *", "(0 * 0)"),
        ("SENTINEL MYID", "0000000000000000000000000000000000026379"),
        ("SENTINEL RESET *", "1"),
        ("SENTINEL REMOVE mymaster", "OK"),
        ("SENTINEL MASTERS", "()"),
    ] {
        assert_eq!(net.run(2, words), reply, "{words}");
    }
    assert_eq!(
        net.run(MASTER, "SENTINEL MASTERS"),
        "ERR unknown command 'SENTINEL', with args beginning with: 'MASTERS' "
    );
}

#[test]
fn the_file_keeps_what_was_learnt() {
    let mut net = Net::start(1, 2, "sentinel parallel-syncs mymaster 1\n");
    net.pass(15);
    assert_eq!(
        net.file(2),
        "port 26379\nsentinel myid 0000000000000000000000000000000000026379\nsentinel monitor mymaster 10.0.0.1 6379 2\nsentinel down-after-milliseconds mymaster 3000\nsentinel failover-timeout mymaster 20000\n\n# Generated by CONFIG REWRITE\ndir \"/data\"\nlatency-tracking-info-percentiles 50 99 99.9\nprotected-mode no\nuser default on nopass sanitize-payload ~* &* +@all\nsentinel config-epoch mymaster 0\nsentinel leader-epoch mymaster 0\nsentinel known-sentinel mymaster 10.0.0.1 26380 0000000000000000000000000000000000026380\nsentinel current-epoch 0\n\nsentinel known-replica mymaster 10.0.0.1 6380\n"
    );
}

#[test]
fn lines_that_are_wrong_are_named() {
    for (text, reason) in [
        ("sentinel monitor a 10.0.0.1 6379 0", "Quorum must be 1 or greater."),
        ("sentinel monitor a nosuch 6379 1", "Can't resolve instance hostname."),
        ("sentinel monitor a 10.0.0.1 70000 1", "Invalid port number."),
        ("sentinel down-after-milliseconds a 1", "No such master with specified name."),
        ("sentinel myid 12", "Malformed Sentinel id in myid option."),
        ("sentinel foo bar", "Unrecognized sentinel configuration statement."),
        ("sentinel resolve-hostnames perhaps", "Please specify yes or no for the resolve-hostnames option."),
    ] {
        let world = std::rc::Rc::default();
        let refusal = crate::memory_host::start_sentinel(&world, text).err().expect("refused");
        let wanted = format!(
            "\n*** FATAL CONFIG FILE ERROR (Redis 8.6.3) ***\nReading the configuration file, at line 1\n>>> '{text}'\n{reason}\n"
        );
        assert_eq!(refusal, wanted);
    }
}

#[test]
fn figures_without_measure_do_no_harm() {
    let mut net = Net::start(1, 2, "");
    net.pass(12);
    let most = i64::MAX;
    for option in ["failover-timeout", "down-after-milliseconds", "quorum", "parallel-syncs"] {
        assert_eq!(net.run(2, &format!("SENTINEL SET mymaster {option} {most}")), "OK");
    }
    for period in ["info-period", "ping-period", "ask-period", "publish-period", "tilt-trigger", "script-retry-delay"] {
        assert_eq!(net.run(2, &format!("SENTINEL DEBUG {period} {most}")), "OK");
    }
    let vote = net.run(2, "SENTINEL IS-MASTER-DOWN-BY-ADDR 10.0.0.1 6379 -1 somebody");
    assert_eq!(vote, "(0 somebody -1)");
    assert_eq!(net.run(2, "SENTINEL FAILOVER mymaster"), "OK");
    for hello in ["", ",,,,,,,", "x,99999999999999999999,y,-1,mymaster,z,-5,99999999999999999999"] {
        assert_eq!(net.run(3, &format!("PUBLISH __sentinel__:hello {hello}")), "1");
    }
    net.pass(10);
    assert_eq!(net.run(3, "PING"), "PONG");
}
