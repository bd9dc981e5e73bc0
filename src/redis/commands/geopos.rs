//! GEOPOS key [member [...]]

use super::prelude::*;
use super::{geo, geo_search};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "geopos",
    arity: -2,
    flags: flag::READONLY,
    acl: acl::READ | acl::GEO | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the longitude and latitude of members from a geospatial index.",
        since: "3.2.0",
        group: "geo",
        complexity: "O(1) for each member requested.",
        args: "key:k@0 member:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, members) = (cx.arg(1), cx.argv.get(2..).unwrap_or_default());
    let places = geo::places(cx, key, members)?;
    cx.out.array(places.len());
    for place in places {
        match place {
            Some(place) => geo_search::reply_place(cx, place),
            None => cx.out.null_array(),
        }
    }
    Ok(())
}
