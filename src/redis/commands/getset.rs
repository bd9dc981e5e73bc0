//! GETSET key value

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "getset",
    arity: 3,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns the previous string value of a key after setting it to a new value.",
        since: "1.0.0",
        group: "string",
        complexity: "O(1)",
        args: "key:k@0 value:s",
        history: &[],
        deprecated: Some(("6.2.0", "`SET` with the `!GET` argument")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, value) = (cx.arg(1), cx.arg(2));
    super::string::reply_string(cx, key)?;
    super::string::store(cx, key, value, None, false);
    cx.propagate_as(&[b"SET", key, value]);
    Ok(())
}
