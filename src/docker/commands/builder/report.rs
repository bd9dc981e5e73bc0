//! What a build says of the Dockerfile: the lines of an error, the findings of `--check`.

use docker_api::types::{BuildSource, VertexWarning};

/// What `--check` prints.
pub fn check_report(findings: &[VertexWarning]) -> String {
    let mut out = match findings.len() {
        0 => return "Check complete, no warnings found.\n".to_string(),
        1 => "Check complete, 1 warning has been found!\n".to_string(),
        n => format!("Check complete, {n} warnings have been found!\n"),
    };
    for finding in findings {
        let (rule, text) = finding.short.split_once(": ").unwrap_or(("", &finding.short));
        let text = text.rsplit_once(" (line ").map_or(text, |(text, _)| text);
        let mut page = String::new();
        for (at, c) in rule.char_indices() {
            // A capital begins a word unless it goes on with others: `JSONArgs` is `json-args`.
            let next_small = rule[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_lowercase());
            let after_small = rule[..at].ends_with(|c: char| c.is_ascii_lowercase());
            if c.is_ascii_uppercase() && at > 0 && (next_small || after_small) {
                page.push('-');
            }
            page.push(c.to_ascii_lowercase());
        }
        out.push_str(&format!("\nWARNING: {rule} - https://docs.docker.com/go/dockerfile/rule/{page}/\n{text}\n"));
        let source = BuildSource {
            filename: finding.filename.clone(),
            source: finding.source.clone(),
            ranges: finding.ranges.clone(),
        };
        out.push_str(&excerpt(&source));
    }
    out
}

/// The marked lines of the Dockerfile, with some around them.
pub fn excerpt(source: &BuildSource) -> String {
    let lines: Vec<&str> = source.source.split('\n').collect();
    let count = lines.len() as u32;
    let Some(first) = source.ranges.iter().map(|r| r.0).min().filter(|f| (1..=count).contains(f)) else {
        return String::new();
    };
    let last = source.ranges.iter().map(|r| r.1).max().unwrap_or(first).clamp(first, count);
    let (mut start, mut end) = (first, last);
    let pad = if start == end { 4 } else { 2 };
    let mut padded = 0;
    while padded < pad {
        if start > 1 {
            start -= 1;
            padded += 1;
        }
        if end != count {
            end += 1;
            padded += 1;
        }
        padded += 1;
    }
    let rule = "--------------------\n";
    let mut out = format!("{}:{first}\n{rule}", source.filename);
    for (number, line) in (start..=end).zip(lines.iter().skip(start as usize - 1)) {
        let marked = source.ranges.iter().any(|(low, high)| (*low..=*high).contains(&number));
        out.push_str(&format!(" {number:3} | {} {line}\n", if marked { ">>>" } else { "   " }));
    }
    out + rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_equal_the_recorded_ones() {
        let text = "FROM busybox\nRUN echo one\nRUN nosuchcmd --flag\nRUN echo three\n";
        let source = BuildSource { filename: "Dockerfile".into(), source: text.into(), ranges: vec![(3, 3)] };
        assert_eq!(
            excerpt(&source),
            "Dockerfile:3\n--------------------\n   1 |     FROM busybox\n   2 |     RUN echo one\n   3 | >>> RUN nosuchcmd --flag\n   \
             4 |     RUN echo three\n   5 |     \n--------------------\n"
        );
        let source = BuildSource { filename: "Dockerfile".into(), source: "FROM\n".into(), ranges: vec![(1, 1)] };
        assert_eq!(
            excerpt(&source),
            "Dockerfile:1\n--------------------\n   1 | >>> FROM\n   2 |     \n--------------------\n"
        );
        assert_eq!(excerpt(&BuildSource { ranges: vec![(9, 9)], ..BuildSource::default() }), "");
    }
}
