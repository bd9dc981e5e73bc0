//! `GET /containers/{id}/top`: the host's `ps`, of which the container's processes are kept.

use docker_api::types::TopResponse;
use machine::Sys;
use machine::process::{WaitFor, WaitOptions};
use machine::sys::Spawn;
use machine::{Fd, WaitStatus};

use crate::error::{ApiError, ApiResult};
use crate::model::container::Container;

/// Output of `ps` is at most this long.
const MAX_OUTPUT: usize = 1 << 20;

/// The processes of a container.
pub async fn top(sys: &Sys, c: &Container, args: &str) -> ApiResult<TopResponse> {
    let Some(pid) = c.state.borrow().pid else {
        return Err(ApiError::conflict(format!("container {} is not running", c.id)));
    };
    let args: Vec<String> =
        if args.is_empty() { vec!["-ef".into()] } else { args.split_whitespace().map(String::from).collect() };
    let members: Vec<i32> = sys.processes_in(pid)?.iter().map(|p| p.pid.0).collect();
    // Some formats show only processes that are named; others do not take names.
    let named: Vec<String> = members.iter().map(ToString::to_string).collect();
    let dashed = args.first().is_some_and(|a| a.starts_with('-'));
    let (mut output, mut status) = (String::new(), 1);
    for more in [Some(format!("-q{}", named.join(","))), dashed.then(|| "-e".to_string()), None] {
        let all: Vec<String> = args.iter().cloned().chain(more).collect();
        (output, status) = run_ps(sys, &all).await?;
        if status == 0 {
            break;
        }
    }
    if status != 0 {
        // The first line says what is wrong; the rest is how ps is used.
        let line = output.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("ps failed");
        return Err(ApiError::internal(format!("ps: {line}")));
    }
    let mut lines = output.lines();
    let titles: Vec<String> = lines.next().unwrap_or("").split_whitespace().map(String::from).collect();
    let column = titles
        .iter()
        .position(|t| t == "PID")
        .ok_or_else(|| ApiError::internal("Couldn't find PID field in ps output"))?;
    let mut processes = Vec::new();
    for line in lines {
        let fields = split_fields(line, titles.len());
        if fields.get(column).and_then(|f| f.parse::<i32>().ok()).is_some_and(|pid| members.contains(&pid)) {
            processes.push(fields);
        }
    }
    Ok(TopResponse { processes, titles })
}

/// The last column holds the rest of the line.
fn split_fields(line: &str, columns: usize) -> Vec<String> {
    let mut words = line.split_whitespace();
    let mut fields: Vec<String> = words.by_ref().take(columns.saturating_sub(1)).map(String::from).collect();
    fields.push(words.collect::<Vec<_>>().join(" "));
    fields
}

async fn run_ps(sys: &Sys, args: &[String]) -> ApiResult<(String, u8)> {
    let (read, write) = sys.pipe(true)?;
    let spawn = Spawn {
        path: "/usr/bin/ps".into(),
        args: std::iter::once("ps".to_string()).chain(args.iter().cloned()).collect(),
        fds: vec![(Fd::STDOUT, write), (Fd::STDERR, write)],
        ..Spawn::default()
    };
    let pid = sys.spawn(spawn);
    let _ = sys.close(write);
    let output = sys.read_to_end(read, MAX_OUTPUT).await.unwrap_or_default();
    let _ = sys.close(read);
    let pid = pid.map_err(|_| ApiError::internal("exec: \"ps\": executable file not found in $PATH"))?;
    let status = match sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await {
        Ok(Some((_, status @ WaitStatus::Exited(_)))) => status.code(),
        _ => 1,
    };
    Ok((machine::text::from_bytes(&output), status))
}

#[cfg(test)]
mod tests {
    use super::split_fields;

    #[test]
    fn the_command_keeps_its_words() {
        assert_eq!(split_fields("root  1 0 sleep  1000", 4), ["root", "1", "0", "sleep 1000"]);
    }
}
