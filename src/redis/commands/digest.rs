//! DIGEST key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "digest",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the XXH3 hash of a string value.",
        since: "8.4.0",
        group: "string",
        complexity: "O(N) where N is the length of the string value.",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    match cx.s.read(cx.db, cx.arg(1)) {
        None => cx.out.null(),
        Some(value) => {
            let bytes = value.bytes().ok_or(Fail::from(err::WRONG_TYPE))?;
            cx.out.text(&super::string::digest(&bytes));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn digests_are_those_of_redis() {
        // DIGEST of redis-server 8.6.3.
        assert_eq!(crate::commands::string::digest(b"hello"), "9555e8555c62dcfd");
    }
}
