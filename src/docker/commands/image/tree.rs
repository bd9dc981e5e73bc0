//! `docker images --tree`.

use docker_api::units::human_size_with;
use machine::Fd;
use serde_json::Value;

use super::ls::names;
use crate::cli::{Invocation, Outcome};
use crate::commands::common::{int, short_id, text};

const GAP: usize = 3;
const NOTICE: &str = "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.";
/// Where there is no terminal.
const WIDTH: usize = 80;
/// Headings, and whether what stands below them is at the right.
const COLUMNS: [(&str, bool); 5] =
    [("IMAGE", false), ("ID", false), ("DISK USAGE", true), ("CONTENT SIZE", true), ("EXTRA", false)];

/// Prints images with what is below them; of the images here nothing is.
pub async fn show(c: &Invocation, images: &Value) -> Outcome {
    let terminal = c.sys.isatty(Fd::STDOUT);
    let painted = |codes: &str, text: &str| match terminal {
        true => format!("{codes}{text}\x1b[0m"),
        false => text.to_string(),
    };
    let notice = if c.sys.isatty(Fd::STDERR) { format!("\x1b[93m{NOTICE}\x1b[0m") } else { NOTICE.to_string() };
    c.eprint(&format!("{notice}\n")).await;
    let rows: Vec<(Vec<String>, Value)> =
        images.as_array().into_iter().flatten().map(|i| (shown(i), i.clone())).collect();
    let longest = rows.iter().flat_map(|(names, _)| names).map(|n| n.chars().count()).max().unwrap_or(0);
    let widths = [longest.max(COLUMNS[0].0.len()), 12, COLUMNS[2].0.len(), COLUMNS[3].0.len(), COLUMNS[4].0.len()];
    let width = if terminal { c.sys.winsize(Fd::STDOUT).map_or(WIDTH, |s| usize::from(s.columns)) } else { WIDTH };
    let legend = match terminal {
        true => {
            "\x1b[1m\x1b[106m\x1b[30mi\x1b[0m\x1b[0m \x1b[96mInfo → \x1b[0m\x1b[0m \x1b[38;5;0m\x1b[48;5;14m U \x1b[0m In Use "
        }
        false => " Info ->  U In Use ",
    };
    let taken = if terminal { "i Info →  U  In Use ".chars().count() } else { legend.len() };
    let mut out = format!("{}{legend}\n\n", " ".repeat(width.saturating_sub(taken)));
    for (at, ((title, _), width)) in COLUMNS.iter().zip(widths).enumerate() {
        let missing = width.saturating_sub(title.len());
        out.push_str(&painted("\x1b[39m\x1b[1m", title));
        out.push_str(&" ".repeat(if at + 1 == COLUMNS.len() { 0 } else { missing + GAP }));
    }
    out.push('\n');
    for (names, image) in &rows {
        let used = if int(image, "Containers") > 0 { if terminal { " U " } else { "U" } } else { "" };
        let cells = [
            names.first().cloned().unwrap_or_default(),
            short_id(text(image, "Id"), false),
            human_size_with(int(image, "Size") as f64, 3),
            human_size_with(0.0, 3),
            used.to_string(),
        ];
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let codes = match at {
                0 => "\x1b[34m\x1b[1m",
                4 => "\x1b[38;5;0m\x1b[48;5;14m",
                _ => "\x1b[39m",
            };
            let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
            let cell = if cell.is_empty() { String::new() } else { painted(codes, cell) };
            let gap = " ".repeat(if at == 0 { 0 } else { GAP });
            match COLUMNS.get(at) {
                Some((_, true)) => out.push_str(&format!("{gap}{blanks}{cell}")),
                _ => out.push_str(&format!("{gap}{cell}{blanks}")),
            }
        }
        out.push('\n');
        for name in names.iter().skip(1) {
            out.push_str(&format!("{}\n", painted("\x1b[34m\x1b[1m", name)));
        }
    }
    c.print(&out).await;
    Ok(())
}

/// The names of an image.
fn shown(image: &Value) -> Vec<String> {
    let named = names(image, false).into_iter().map(|(name, tag, _)| match name.as_str() {
        "<none>" => "<untagged>".to_string(),
        _ => format!("{name}:{tag}"),
    });
    named.collect()
}
