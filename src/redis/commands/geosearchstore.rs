//! GEOSEARCHSTORE destination source <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [STOREDIST]

use super::geo_search::{self, Form};
use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "geosearchstore",
    arity: -8,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::GEO | acl::SLOW,
    first: (1, 2, 1),
    keys: &[
        KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" },
        KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Queries a geospatial index for members inside an area of a box or a circle, optionally stores the result.",
        since: "6.2.0",
        group: "geo",
        complexity: "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape",
        args: "destination:k@0 source:k@1 from:o(member:s=FROMMEMBER fromlonlat:b=FROMLONLAT(longitude:d latitude:d)) by:o(circle:b(radius:d=BYRADIUS unit:o(m:t=M km:t=KM ft:t=FT mi:t=MI)) box:b(width:d=BYBOX height:d unit:o(m:t=M km:t=KM ft:t=FT mi:t=MI))) order:o?(asc:t=ASC desc:t=DESC) count-block:b?(count:i=COUNT any:t=ANY?) storedist:t=STOREDIST?",
        history: &[("7.0.0", "Added support for uppercase unit names.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    geo_search::run(cx, Form::SearchStore)
}
