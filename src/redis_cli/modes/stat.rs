//! `--stat`: a line of figures every second.

use resp::reply::Reply;

use super::{pause, reconnecting};
use crate::console::Run;
use crate::session::Session;
use crate::words::atoll;

const HEADER: &str = "------- data ------ --------------------- load -------------------- - child -\n\
                      keys       mem      clients blocked requests            connections          \n";

/// Runs the mode.
pub async fn run(session: &mut Session) -> Run<()> {
    let interval = if session.options.interval == 0 { 1_000_000 } else { session.options.interval };
    let databases = databases(session).await?;
    let mut requests = 0;
    for line in 0u64.. {
        let reply = reconnecting(session, &["INFO"]).await?;
        if let Reply::Error(text) = &reply {
            let text = [b"ERROR: ", text.as_slice(), b"\n"].concat();
            return session.out.fail(text).await;
        }
        if line.is_multiple_of(20) {
            session.out.print(HEADER);
        }
        let info = reply.text().unwrap_or_default();
        session.out.print(figures(&info, databases, &mut requests));
        pause(session, interval).await;
    }
    Ok(())
}

async fn databases(session: &mut Session) -> Run<i64> {
    match session.ask(&["CONFIG", "GET", "databases"]).await? {
        Reply::Error(text) => {
            let text = [b"CONFIG GET databases fails: ", text.as_slice(), b", use default value 16 instead\n"].concat();
            session.out.error(text).await;
            Ok(16)
        }
        reply => Ok(reply.pairs().first().and_then(|(_, value)| value.integer()).unwrap_or(16)),
    }
}

/// A field of INFO; its value ends at a comma, too.
fn field(info: &str, name: &str) -> Option<i64> {
    let at = info.find(name)? + name.len() + 1;
    Some(atoll(info.get(at..)?))
}

fn figures(info: &str, databases: i64, requests: &mut i64) -> String {
    let get = |name: &str| field(info, name).unwrap_or(i64::MIN);
    let keys: i64 = (0..databases).filter_map(|db| field(info, &format!("db{db}:keys"))).sum();
    let total = get("total_commands_processed");
    let fresh = if *requests == 0 { 0 } else { total - *requests };
    *requests = total;
    let child = match (get("bgsave_in_progress"), get("aof_rewrite_in_progress"), get("loading")) {
        (1, 0, 0) => "SAVE",
        (0, 1, 0) => "AOF",
        (1, 1, 0) => "SAVE+AOF",
        (0, 0, 1) => "LOAD",
        _ => "",
    };
    format!(
        "{keys:<11}{:<8} {:<8}{:<8}{:<19} {:<12}{child}\n",
        human(get("used_memory")),
        get("connected_clients"),
        get("blocked_clients"),
        format!("{total} (+{fresh})"),
        get("total_connections_received"),
    )
}

/// `1003B`, `4.03K`, `100.00M`.
pub(super) fn human(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    let bytes = bytes.unsigned_abs();
    let scaled = |shift: u32, unit: &str| {
        format!(
            "{sign}{:.2}{unit}",
            bytes as f64 / f64::from(1 << shift.min(30)) / if shift > 30 { 1024.0 } else { 1.0 }
        )
    };
    match bytes {
        0..=1023 => format!("{sign}{bytes}B"),
        _ if bytes < 1 << 20 => scaled(10, "K"),
        _ if bytes < 1 << 30 => scaled(20, "M"),
        _ if bytes < 1 << 40 => scaled(30, "G"),
        _ => scaled(40, "T"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_aligned_as_in_the_real_one() {
        let info = "used_memory:3512064\r\nconnected_clients:1\r\nblocked_clients:0\r\ntotal_commands_processed:2043\r\n\
                    total_connections_received:1124\r\nrdb_bgsave_in_progress:0\r\naof_rewrite_in_progress:0\r\nloading:0\r\n\
                    db0:keys=8,expires=0,avg_ttl=0\r\n";
        assert_eq!(figures(info, 16, &mut 0), "8          3.35M    1       0       2043 (+0)           1124        \n");
        assert_eq!(
            figures(info, 16, &mut 2042),
            "8          3.35M    1       0       2043 (+1)           1124        \n"
        );
        assert_eq!(human(2 << 40), "2.00T");
    }
}
