//! VRANGE key start end [count]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vrange",
    arity: -4,
    flags: flag::READONLY | flag::MODULE,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Return vector set elements in a lex range",
        since: "8.4.0",
        group: "module",
        complexity: "",
        args: "key:k@0 start:s end:s count:i?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// One end of a range.
enum End<'a> {
    Lowest,
    Highest,
    /// The element, and whether it belongs to the range.
    At(&'a [u8], bool),
}

fn end<'a>(text: &'a [u8]) -> Option<End<'a>> {
    match text {
        b"-" => Some(End::Lowest),
        b"+" => Some(End::Highest),
        [kind @ (b'[' | b'('), element @ ..] if !element.is_empty() => Some(End::At(element, *kind == b'[')),
        _ => None,
    }
}

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 5 {
        return Err(crate::server::errors::arity(&cx.cmd.shown_name()).into());
    }
    let count = if cx.argc() == 5 { cx.int_or(4, "ERR invalid COUNT value")? } else { -1 };
    let from = end(cx.arg(2)).ok_or(Fail::from("ERR invalid start range format"))?;
    let to = end(cx.arg(3)).ok_or(Fail::from("ERR invalid end range format"))?;
    if matches!(from, End::Highest) || matches!(to, End::Lowest) {
        return Err("ERR '-' can only be used as first argument, '+' only as second".into());
    }
    let Some(set) = cx.s.vectors(cx.db, cx.arg(1))? else {
        cx.out.array(0);
        return Ok(());
    };
    let (first, without) = match from {
        End::At(element, included) => (element, (!included).then_some(element)),
        _ => (&[][..], None),
    };
    let inside = |name: &&[u8]| match to {
        End::At(element, included) => *name < element || (included && *name == element),
        _ => true,
    };
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let names = set.names_from(first).filter(|name| Some(*name) != without).take_while(inside).take(most);
    let mark = cx.out.later();
    let found = names.map(|name| cx.out.bulk(name)).count();
    cx.out.array_at(mark, found);
    Ok(())
}
