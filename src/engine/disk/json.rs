//! Files of JSON and text, and the folders that lead to them.

use machine::Sys;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::tree;

/// What a file of JSON holds; nothing where there is none.
pub fn read<T: DeserializeOwned>(sys: &Sys, path: &str) -> Option<T> {
    serde_json::from_slice(&sys.file_content(path).ok()?.data).ok()
}

/// What a file of text holds; nothing where there is none.
pub fn read_text(sys: &Sys, path: &str) -> Option<String> {
    String::from_utf8(sys.file_content(path).ok()?.data.to_vec()).ok()
}

/// Writes a file and the folders that lead to it. A disk without room loses what is written, as everything else does.
pub fn write(sys: &Sys, path: &str, data: Vec<u8>) {
    if let Some((folder, _)) = path.rsplit_once('/') {
        let _ = tree::make_dirs(sys, folder, 0o700);
    }
    let _ = sys.put_file(path, data.into(), 0o600);
}

/// Writes a file of JSON.
pub fn write_json(sys: &Sys, path: &str, value: &impl Serialize) {
    if let Ok(text) = serde_json::to_vec(value) {
        write(sys, path, text);
    }
}
