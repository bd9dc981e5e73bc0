//! HELLO [protover [AUTH username password] [SETNAME clientname]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hello",
    arity: -1,
    flags: flag::NOSCRIPT
        | flag::LOADING
        | flag::STALE
        | flag::FAST
        | flag::NO_AUTH
        | flag::ALLOW_BUSY
        | flag::SENTINEL,
    acl: acl::FAST | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Handshakes with the Redis server.",
        since: "6.0.0",
        group: "connection",
        complexity: "O(1)",
        args: "arguments:b?(protover:i auth:b=AUTH?(username:s password:s) clientname:s=SETNAME?)",
        history: &[(
            "6.2.0",
            "`protover` made optional; when called without arguments the command reports the current connection's context.",
        )],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut wanted = None;
    if cx.argc() >= 2 {
        let n = cx.int_or(1, "ERR Protocol version is not an integer or out of range")?;
        if !(2..=3).contains(&n) {
            return Err("NOPROTO unsupported protocol version".into());
        }
        wanted = Some(n == 3);
    }
    let (mut login, mut name, mut at) = (None, None, 2);
    while at < cx.argc() {
        if cx.is(at, "AUTH") && at + 2 < cx.argc() {
            login = Some((machine::text::from_bytes(cx.arg(at + 1)), cx.arg(at + 2)));
            cx.redact(at + 1..at + 3);
            at += 3;
        } else if cx.is(at, "SETNAME") && at + 1 < cx.argc() {
            super::connection::check_name(cx.arg(at + 1))?;
            name = Some(cx.arg(at + 1).to_vec());
            at += 2;
        } else {
            let mut text = b"ERR Syntax error in HELLO option '".to_vec();
            text.extend_from_slice(cx.arg(at));
            text.push(b'\'');
            return Err(Fail::Bytes(text));
        }
    }
    if let Some((user, password)) = login {
        super::connection::login(cx, &user, password)?;
    }
    if !cx.me().authenticated {
        return Err("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time".into());
    }
    if let Some(name) = name {
        cx.me().name = name;
    }
    if let Some(resp3) = wanted {
        cx.me().resp3 = resp3;
        cx.out.resp3 = resp3;
    }
    let id = cx.client as i64;
    let sentinel = cx.s.sentinel_mode;
    cx.out.map(if sentinel { 6 } else { 7 });
    let version = cx.s.config.version.clone();
    for (field, value) in [("server", "redis"), ("version", version.as_str())] {
        cx.out.text(field);
        cx.out.text(value);
    }
    cx.out.text("proto");
    cx.out.int(if cx.out.resp3 { 3 } else { 2 });
    cx.out.text("id");
    cx.out.int(id);
    cx.out.text("mode");
    cx.out.text(cx.s.mode());
    if !sentinel {
        cx.out.text("role");
        cx.out.text(if cx.s.repl.is_replica() { "replica" } else { "master" });
    }
    cx.out.text("modules");
    if sentinel {
        cx.out.array(0)
    } else {
        super::module::loaded(cx.out)
    }
    Ok(())
}
