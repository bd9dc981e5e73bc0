//! The logs. In the image they are links to the container's standard output and error.

use machine::Sys;
use machine::fs::OpenFlags;

use crate::config::Config;
use crate::date;

/// Adds a line to a file; where it cannot be written there is nobody to tell.
async fn append(sys: &Sys, path: &str, line: &str) {
    if path.is_empty() {
        return;
    }
    if let Ok(fd) = sys.open(path, OpenFlags::APPEND.cloexec(), 0o644).await {
        let _ = sys.write_all(fd, line.as_bytes()).await;
        let _ = sys.close(fd);
    }
}

/// A line of the error log.
pub async fn error(sys: &Sys, config: &Config, level: &str, text: &str) {
    let pid = sys.getpid();
    let line = format!("{} [{level}] {pid}#{pid}: {text}\n", date::log(sys.wall_clock()));
    append(sys, &config.error_log, &line).await;
}

/// A line of the access log.
pub async fn access(sys: &Sys, config: &Config, line: &str) {
    append(sys, &config.access_log, &format!("{line}\n")).await;
}
