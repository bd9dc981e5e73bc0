//! LOLWUT [VERSION version [argument ...]]: the piece of computer art of a version of Redis.

mod canvas;
mod schotter;
mod skyline;
mod tape_mark;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lolwut",
    arity: -1,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::FAST,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Displays computer art and the Redis version",
        since: "5.0.0",
        group: "server",
        complexity: "",
        args: "version:i=VERSION?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut major = i64::from(cx.s.config.version.bytes().next().unwrap_or(b'0').wrapping_sub(b'0'));
    let mut first = 1;
    if cx.argc() >= 3 && cx.is(1, "version") {
        // Redis makes an unsigned number of 32 bits of it and looks at the text's first two letters.
        major = cx.int(2)? & 0xffff_ffff;
        first = 3;
    }
    let mut text = match major {
        5 => schotter::draw(cx, first)?,
        6 => skyline::draw(cx, first)?,
        8 => tape_mark::compose(cx, first),
        _ => String::new(),
    };
    text.push_str("Redis ver. ");
    text.push_str(&cx.s.config.version);
    text.push('\n');
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}

/// An argument of a piece: a number within `range`, `default` where it is not given.
fn size(cx: &Cx<'_>, at: usize, default: i64, range: (i64, i64)) -> Result<i64, Fail> {
    match at < cx.argc() {
        true => Ok(cx.int(at)?.clamp(range.0, range.1)),
        false => Ok(default),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn the_pieces_have_their_shape() {
        let mut bench = Bench::start("");
        let schotter = bench.run("LOLWUT VERSION 5 40 8 8");
        let rows: Vec<&str> = schotter.lines().collect();
        // The first two rows of squares are in order: the real server's line.
        assert_eq!(rows[0].trim_start_matches('"'), "⢰⠒⠒⠒⠒⢲⠒⠒⠒⠒⣶⠒⠒⠒⠒⡖⠒⠒⠒⢲⡖⠒⠒⠒⢲⠒⠒⠒⠒⣶⠒⠒⠒⠒⡖⠒⠒⠒⠒⡆");
        assert_eq!(rows.len(), 22, "{schotter}");
        assert!(schotter.contains("Georg Nees - schotter, plotter on paper, 1968. Redis ver. 8.6.3"));
        let skyline = bench.run("LOLWUT VERSION 6 30 8");
        assert_eq!(skyline.matches("m \x1b[0m").count(), 30 * 8);
        assert!(skyline.lines().nth(7).is_some_and(|ground| ground.contains("\x1b[0;30;40m")), "{skyline}");
        assert!(bench.run("LOLWUT IT").contains("\n\nIn 1961, Nanni Balestrini created"));
        assert!(bench.run("LOLWUT VERSION 7").contains("Redis ver. 8.6.3\n"));
        assert!(bench.run("LOLWUT VERSION 5 x").contains("not an integer"));
    }
}
