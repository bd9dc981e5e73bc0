//! Writing what a command gives: to standard output or into a file (`-o`).

use machine::fs::FileContent;
use machine::{Fd, Sys};

use crate::cli::write_out;

/// Copies a stream of bytes to a file, or to standard output if `path` is empty; a terminal is refused.
pub async fn save(sys: &Sys, path: &str, response: &mut crate::api::Response) -> Result<(), String> {
    if path.is_empty() {
        while let Some(data) = response.chunk().await.map_err(|e| e.to_string())? {
            write_out(sys, Fd::STDOUT, &data).await;
        }
        return Ok(());
    }
    let data = response.body().await.map_err(|e| e.to_string())?;
    let content = FileContent::from(data);
    sys.put_file(path, content, 0o600).map_err(|e| format!("open {path}: {}", e.message().to_lowercase()))
}

/// Whether `path` may be written: its directory exists.
pub fn check_path(sys: &Sys, path: &str) -> Result<(), String> {
    let Some((directory, _)) = path.rsplit_once('/').filter(|(d, _)| !d.is_empty()) else { return Ok(()) };
    match sys.stat(directory) {
        Ok(attr) if attr.is_dir() => Ok(()),
        _ => Err(format!("invalid output path: stat {directory}: no such file or directory")),
    }
}
