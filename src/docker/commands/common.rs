//! What several commands share.

use std::cell::RefCell;
use std::future::Future;

use docker_api::filters::Filters;
use docker_api::http::{Query, encode_component};
use docker_api::ids;
use docker_api::units::human_duration;
use machine::{Fd, Sys};
use serde_json::Value;

use crate::api::{ApiError, Client};
use crate::cli::{Failure, Invocation, Outcome, fail};
use crate::term::join_all;

/// The flag `--format` of commands that list: a table of flags (see `Spec::flags`).
pub const TABLE_FORMAT: &str = r"
|format|string|Format output using a custom template:
 'table':            Print output in table format with column headers (default)
 'table TEMPLATE':   Print output in table format using the given Go template
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
";

/// The flag `--format` of commands that inspect.
pub const OBJECT_FORMAT: &str = r"
f|format|string|Format output using a custom template:
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
";

/// A text field, empty if missing.
pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// A number, zero if missing.
pub fn int(value: &Value, key: &str) -> i64 {
    value.get(key).and_then(Value::as_i64).unwrap_or(0)
}

/// A list, empty if missing or null.
pub fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of a list.
pub fn texts(value: &Value, key: &str) -> Vec<String> {
    list(value, key).iter().filter_map(Value::as_str).map(str::to_string).collect()
}

/// A map of texts.
pub fn labels(value: &Value, key: &str) -> std::collections::BTreeMap<String, String> {
    let object = value.get(key).and_then(Value::as_object);
    let entry = |(k, v): (&String, &Value)| (k.clone(), v.as_str().unwrap_or("").to_string());
    object.map(|o| o.iter().map(entry).collect()).unwrap_or_default()
}

/// `a=b,c=d`
pub fn label_text(labels: &std::collections::BTreeMap<String, String>) -> String {
    labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}

/// What a text in base64 means; other characters are passed over.
pub fn base64(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::with_capacity(text.len() / 4 * 3));
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

/// A path component of a URL.
pub fn part(name: &str) -> String {
    encode_component(name)
}

/// Shortens an id unless `whole`.
pub fn short_id(id: &str, whole: bool) -> String {
    if whole { id.to_string() } else { ids::truncate(id).to_string() }
}

/// Cuts a text to so many characters with an ellipsis.
pub fn ellipsis(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// `5 seconds ago` of seconds since 1970.
pub fn ago(sys: &Sys, seconds: i64) -> String {
    let now = i128::from(sys.wall_clock().0);
    human_duration(now - i128::from(seconds) * 1_000_000_000) + " ago"
}

/// The filters of the repeated flag `filter`.
pub fn filters(c: &Invocation) -> Filters {
    let mut out = Filters::default();
    for value in c.matches.all("filter") {
        if let Some((name, value)) = value.split_once('=') {
            out.add(&name.trim().to_lowercase(), value.trim());
        }
    }
    out
}

/// Adds the `filters` parameter unless it is empty.
pub fn add_filters(query: &mut Query, filters: &Filters) {
    if !filters.is_empty() {
        query.push("filters", filters.to_json());
    }
}

/// Refuses an empty name of a container.
pub fn check_name(name: &str) -> Result<(), ApiError> {
    match name.trim() {
        "" => Err(ApiError::Broken("invalid container name or ID: value is empty".to_string())),
        _ => Ok(()),
    }
}

struct Progress {
    results: Vec<Option<Result<(), ApiError>>>,
    next: usize,
    errors: Vec<String>,
}

/// Runs `work` for all arguments side by side. Each that succeeds is printed, in the order given; the
/// errors come at the end.
pub async fn for_each<F, Fut>(c: &Invocation, work: F) -> Outcome
where
    F: Fn(Client, String) -> Fut,
    Fut: Future<Output = Result<(), ApiError>>,
{
    let errors = for_each_errors(c, work).await;
    if errors.is_empty() { Ok(()) } else { fail(errors.join("\n")) }
}

/// The same; gives the errors.
pub async fn for_each_errors<F, Fut>(c: &Invocation, work: F) -> Vec<String>
where
    F: Fn(Client, String) -> Fut,
    Fut: Future<Output = Result<(), ApiError>>,
{
    let names = &c.matches.args;
    let results = names.iter().map(|_| None).collect();
    let state = RefCell::new(Progress { results, next: 0, errors: Vec::new() });
    let one = |(i, name): (usize, &String)| {
        let running = work(c.client(), name.clone());
        let state = &state;
        async move {
            let result = running.await;
            if let Some(slot) = state.borrow_mut().results.get_mut(i) {
                *slot = Some(result);
            }
            while let Some(name) = next_done(state, names) {
                if let Some(name) = name {
                    c.println(name).await;
                }
            }
        }
    };
    join_all(names.iter().enumerate().map(one).collect()).await;
    state.into_inner().errors
}

/// The next argument whose turn it is and that is done: its name if it succeeded.
fn next_done<'n>(state: &RefCell<Progress>, names: &'n [String]) -> Option<Option<&'n String>> {
    let mut state = state.borrow_mut();
    let next = state.next;
    let result = state.results.get_mut(next)?.take()?;
    state.next += 1;
    match result {
        Ok(()) => Some(names.get(next)),
        Err(error) => {
            state.errors.push(error.to_string());
            Some(None)
        }
    }
}

/// Asks `question` on standard output and reads a line: whether it was `y`. An interrupt ends the
/// program as docker/cli does: a new line and status 0.
pub async fn confirm(c: &Invocation, question: &str) -> Result<bool, Failure> {
    let _ = c.sys.sigaction(machine::Signal::INT, machine::process::Disposition::Catch);
    c.print(&format!("{question} [y/N] ")).await;
    let mut line = Vec::new();
    loop {
        match c.sys.read_vec(Fd::STDIN, 1).await {
            Ok(byte) if byte.is_empty() => break,
            Ok(byte) if byte == b"\n" => break,
            Ok(byte) => line.extend(byte),
            Err(machine::Errno::EINTR) => {
                c.println("").await;
                return Err(Failure { status: 0, text: String::new() });
            }
            Err(_) => break,
        }
    }
    let _ = c.sys.sigaction(machine::Signal::INT, machine::process::Disposition::Default);
    Ok(matches!(line.trim_ascii(), b"y" | b"Y"))
}

/// A file whole, relative to the working directory; the error is Go's `open NAME: …`.
pub fn read_file(sys: &Sys, path: &str) -> Result<Vec<u8>, String> {
    sys.read_file(path).map_err(|errno| format!("open {path}: {}", errno.message().to_lowercase()))
}

/// The largest archive that is read.
const MAX_ARCHIVE: usize = 1024 * 1024 * 1024;

/// The whole of an archive, which may be larger than what [`read_file`] takes.
pub async fn read_archive(sys: &Sys, path: &str) -> Result<Vec<u8>, String> {
    let plain = |errno: machine::Errno| format!("open {path}: {}", errno.message().to_lowercase());
    let fd = sys.open(path, machine::fs::OpenFlags::READ, 0).await.map_err(plain)?;
    let data = sys.read_to_end(fd, MAX_ARCHIVE).await.map_err(plain);
    let _ = sys.close(fd);
    data
}

/// The columns of standard output if it is a terminal.
pub fn terminal_width(sys: &Sys, fd: Fd) -> Option<usize> {
    sys.winsize(fd).ok().map(|size| usize::from(size.columns))
}
