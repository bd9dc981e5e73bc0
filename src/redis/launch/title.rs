//! What the server calls itself in `ps` (redis: `proc-title-template`).

use crate::config;
use crate::server::Server;

/// The process's title; `name` is how it was called. `None` if it keeps its arguments (`set-proc-title no`).
pub fn title(server: &Server, name: &str) -> Option<String> {
    let config = &server.config;
    if !config.bool(config::SET_PROC_TITLE) {
        return None;
    }
    let (port, tls_port) = (config.int(config::PORT), config.int(config::TLS_PORT));
    let address = config.text(config::BIND).split_whitespace().next().unwrap_or("*");
    let address = address.strip_prefix('-').unwrap_or(address);
    let socket = config.text(config::UNIXSOCKET);
    let listens = match (port, tls_port) {
        (0, 0) => socket.to_string(),
        (0, port) | (port, _) => format!("{address}:{port}"),
    };
    let values = [
        ("{title}", name.to_string()),
        ("{listen-addr}", listens),
        (
            "{server-mode}",
            match (server.cluster.is_some(), server.sentinel_mode) {
                (true, _) => "[cluster]".to_string(),
                (false, true) => "[sentinel]".to_string(),
                _ => String::new(),
            },
        ),
        ("{port}", port.to_string()),
        ("{tls-port}", tls_port.to_string()),
        ("{unixsocket}", socket.to_string()),
        ("{config-file}", server.config_file.clone().unwrap_or_default()),
    ];
    let template = config.text(config::PROC_TITLE_TEMPLATE).to_string();
    let title = values.iter().fold(template, |title, (key, value)| title.replace(key, value));
    Some(title.trim_end().to_string())
}
