//! GEODIST key member1 member2 [M | KM | FT | MI]

use super::geo;
use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "geodist",
    arity: -4,
    flags: flag::READONLY,
    acl: acl::READ | acl::GEO | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the distance between two members of a geospatial index.",
        since: "3.2.0",
        group: "geo",
        complexity: "O(1)",
        args: "key:k@0 member1:s member2:s unit:o?(m:t=M km:t=KM ft:t=FT mi:t=MI)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let unit = match cx.argc() {
        4 => 1.0,
        5 => geo::unit(cx.arg(4))?,
        _ => return Err(err::SYNTAX.into()),
    };
    let (key, members) = (cx.arg(1), [cx.arg(2), cx.arg(3)]);
    match geo::places(cx, key, &members)?.as_slice() {
        [Some(a), Some(b)] => cx.out.text(&geo::distance_text(a.distance(*b) / unit)),
        _ => cx.out.null(),
    }
    Ok(())
}
