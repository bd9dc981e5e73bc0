//! AUTH [username] password

use super::prelude::*;
use crate::acl::DEFAULT;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "auth",
    arity: -2,
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
        summary: "Authenticates the connection.",
        since: "1.0.0",
        group: "connection",
        complexity: "O(N) where N is the number of passwords defined for the user",
        args: "username:s?^6.0.0 password:s",
        history: &[("6.0.0", "Added ACL style (username and password).")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// The name under which nodes of a cluster log in to each other, with the secret that they share.
const INTERNAL: &str = "internal connection";

fn internal(cx: &mut Cx<'_>, secret: &[u8]) -> Res {
    let Some(cluster) = &cx.s.cluster else {
        return Err("ERR Cannot authenticate as an internal connection on non-cluster instances".into());
    };
    if cluster.secret.as_bytes() != secret {
        return Err("WRONGPASS invalid internal password".into());
    }
    let me = cx.me();
    (me.internal, me.authenticated) = (true, true);
    me.user.clear();
    cx.out.ok();
    Ok(())
}

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 3 {
        return Err(err::SYNTAX.into());
    }
    cx.redact(1..cx.argc());
    let (name, password) = if cx.argc() == 2 {
        if cx.s.acl.user(DEFAULT).is_some_and(|u| u.nopass) {
            return Err("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?".into());
        }
        (DEFAULT.to_owned(), cx.arg(1))
    } else {
        (machine::text::from_bytes(cx.arg(1)), cx.arg(2))
    };
    if name == INTERNAL {
        return internal(cx, password);
    }
    super::connection::login(cx, &name, password)?;
    cx.out.ok();
    Ok(())
}
