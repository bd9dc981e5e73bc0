//! GEOADD key [NX | XX] [CH] longitude latitude member [...]

use super::prelude::*;
use super::{geo, zset_add};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "geoadd",
    arity: -5,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::GEO | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
        since: "3.2.0",
        group: "geo",
        complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
        args: "key:k@0 condition:o?^6.2.0(nx:t=NX xx:t=XX) change:t=CH?^6.2.0 data:b*(longitude:d latitude:d member:s)",
        history: &[("6.2.0", "Added the `CH`, `NX` and `XX` options.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut at = 2;
    let (mut nx, mut xx) = (false, false);
    while at < cx.argc() {
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"NX" => nx = true,
            b"XX" => xx = true,
            b"CH" => {}
            _ => break,
        }
        at += 1;
    }
    if !(cx.argc() - at).is_multiple_of(3) || (nx && xx) {
        return Err(err::SYNTAX.into());
    }
    let mut words: Vec<Vec<u8>> = cx.argv.iter().take(at).map(|w| w.to_vec()).collect();
    words[0] = b"zadd".to_vec();
    for n in (at..cx.argc()).step_by(3) {
        words.push(geo::place(cx, n)?.score().to_string().into_bytes());
        words.push(cx.arg(n + 2).to_vec());
    }
    // From here on it is a ZADD, for replicas too.
    let refs: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    cx.propagate_as(&refs);
    let mut add =
        Cx { s: cx.s, out: cx.out, argv: &refs, client: cx.client, db: cx.db, cmd: cx.cmd, no_block: cx.no_block };
    zset_add::run(&mut add, false)
}
