//! Whom the host asks for names.

use machine::Sys;

/// ` on 10.0.2.3:53`: whom the host's resolver asks.
pub fn name_server(sys: &Sys) -> String {
    let file = sys.read_file("/etc/resolv.conf").unwrap_or_default();
    let text = String::from_utf8_lossy(&file);
    let server = text.lines().find_map(|line| line.strip_prefix("nameserver "));
    server.map_or_else(String::new, |address| format!(" on {}:53", address.trim()))
}
