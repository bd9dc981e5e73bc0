//! Help texts, laid out as docker/cli's cobra template does it.

use super::flags::{Flag, read_tables};
use super::{Node, Spec};

/// The width where standard input is no terminal.
pub const DEFAULT_WIDTH: usize = 80;
const SLOP: usize = 5;
const MIN_TEXT: usize = 24;

/// The usage line without `Usage:  `.
pub fn usage_line(spec: &Spec, typed: &str) -> String {
    let path = if spec.shown.is_empty() { typed } else { spec.shown };
    let mut out = format!("docker {path}");
    if !spec.usage.is_empty() {
        out.push(' ');
        out.push_str(spec.usage);
    }
    out
}

/// The help of a command called by `typed`.
pub fn help_text(spec: &Spec, typed: &str, width: usize) -> String {
    let mut out = format!("Usage:  {}\n\n", usage_line(spec, typed));
    out.push_str(if spec.long.is_empty() { spec.short } else { spec.long });
    let names: Vec<String> = spec.paths.iter().filter(|p| !p.starts_with('~')).map(|p| format!("docker {p}")).collect();
    if names.len() > 1 || !spec.aliases.is_empty() {
        out.push_str("\n\nAliases:\n  ");
        out.push_str(&if spec.aliases.is_empty() { names.join(", ") } else { spec.aliases.to_string() });
    }
    let flags = shown_flags(spec, typed);
    if !flags.is_empty() {
        out.push_str("\n\nOptions:\n");
        out.push_str(&flag_usages(&flags, width));
    }
    out.push('\n');
    out
}

/// The help of a group of commands.
pub fn group_help(node: &Node, width: usize) -> String {
    let spec = node.spec;
    let mut out = format!("Usage:  {}\n\n", group_usage(node));
    out.push_str(if spec.long.is_empty() { spec.short } else { spec.long });
    let flags = shown_flags(spec, &node.path);
    let root = node.path.is_empty();
    if !root && !flags.is_empty() {
        out.push_str("\n\nOptions:\n");
        out.push_str(&flag_usages(&flags, width));
    }
    let padding = node.sections.iter().flat_map(|(_, l)| l).map(|(n, _)| n.len()).max().unwrap_or(0).max(11);
    for (title, commands) in &node.sections {
        if commands.is_empty() {
            continue;
        }
        out.push_str(&format!("\n\n{title}:"));
        for (name, short) in commands {
            out.push_str(&format!("\n  {name:padding$} {short}"));
        }
    }
    if root && !flags.is_empty() {
        out.push_str("\n\nGlobal Options:\n");
        out.push_str(&flag_usages(&flags, width));
    }
    let path = if root { "docker".to_string() } else { format!("docker {}", node.shown()) };
    out.push_str(&format!("\n\nRun '{path} COMMAND --help' for more information on a command.\n"));
    if !spec.usage.is_empty() {
        out.push_str(&format!("\n{}\n", spec.usage));
    }
    out
}

/// The flags in the help. Called by another name than its own, buildx is told the builder's name.
fn shown_flags(spec: &Spec, typed: &str) -> Vec<Flag> {
    let mut flags: Vec<Flag> = read_tables(spec.flags).into_iter().filter(|f| !f.hidden).collect();
    let renamed = spec.shown.starts_with("buildx") && !typed.starts_with("buildx");
    if let (true, Some(flag)) = (renamed, flags.iter_mut().find(|f| f.name == "builder")) {
        flag.usage.push_str(" (default \"default\")");
    }
    flags
}

/// The usage line of a group without `Usage:  `.
pub fn group_usage(node: &Node) -> String {
    let path = if node.path.is_empty() { String::new() } else { format!(" {}", node.shown()) };
    let options = if node.spec.flags.is_empty() { "" } else { " [OPTIONS]" };
    format!("docker{path}{options} COMMAND")
}

fn head(flag: &Flag) -> String {
    let mut out = match flag.letter {
        Some(letter) => format!("  -{letter}, --{}", flag.name),
        None => format!("      --{}", flag.name),
    };
    if !flag.kind.is_empty() {
        out.push(' ');
        out.push_str(flag.kind);
    }
    out
}

fn flag_usages(flags: &[Flag], width: usize) -> String {
    let column = flags.iter().map(|f| head(f).len()).max().unwrap_or(0) + 3;
    let lines: Vec<String> = flags
        .iter()
        .map(|f| format!("{:column$}{}", head(f), wrap(column, width.saturating_sub(1), &f.usage)))
        .collect();
    lines.join("\n").trim_end().to_string()
}

/// pflag's wrapping: `text` after `indent` columns, lines of at most `width`.
fn wrap(indent: usize, width: usize, text: &str) -> String {
    let (mut indent, mut out) = (indent, String::new());
    if width < indent + MIN_TEXT {
        indent = 16;
        out = format!("\n{}", " ".repeat(indent));
    }
    if width < indent + MIN_TEXT {
        return text.replace('\n', &out);
    }
    let room = width - indent - SLOP;
    let margin = format!("\n{}", " ".repeat(indent));
    let (mut line, mut rest) = cut(room, text);
    out.push_str(&line.replace('\n', &margin));
    while !rest.is_empty() {
        (line, rest) = cut(room, rest);
        out.push_str(&margin);
        out.push_str(&line.replace('\n', &margin));
    }
    out
}

fn cut(room: usize, text: &str) -> (&str, &str) {
    if room + SLOP > text.len() {
        return (text, "");
    }
    // All help texts are ASCII.
    let Some(window) = text.get(..room) else { return (text, "") };
    match (window.rfind([' ', '\t', '\n']), window.rfind('\n')) {
        (None | Some(0), _) => (text, ""),
        (Some(space), Some(line)) if line > 0 && line < space => (&text[..line], &text[line + 1..]),
        (Some(space), _) => (&text[..space], &text[space + 1..]),
    }
}
