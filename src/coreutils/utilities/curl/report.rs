//! What curl tells of a transfer: the meter and `--write-out`.

use std::net::IpAddr;

use machine::Instant;

use crate::context::Context;

const METER: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
";

/// One transfer, for `-w` and the meter.
#[derive(Default)]
pub struct Report {
    /// The response's status.
    pub status: u16,
    /// Bytes of the body so far.
    pub size: u64,
    /// Bytes that the head promises.
    pub expected: Option<u64>,
    /// When it began.
    pub start: Instant,
    /// When the connection stood.
    pub connected: Instant,
    /// When the head was there.
    pub first_byte: Instant,
    /// When all was over.
    pub end: Instant,
    /// What was fetched in the end.
    pub url: String,
    /// The body's type.
    pub content_type: String,
    /// Who was spoken to.
    pub address: Option<(IpAddr, u16)>,
    /// Redirections followed.
    pub redirects: usize,
}

impl Report {
    /// The meter's line.
    async fn progress(&self, cx: &mut Context, over: bool) {
        let size = short(self.size);
        let total = self.expected.map_or(size.clone(), short);
        let percent = if self.size > 0 { 100 } else { 0 };
        let time = if over { cx.sys.now().since(self.start).as_secs_f64() } else { 0.0 };
        let speed = if time > 0.0 { short((self.size as f64 / time) as u64) } else { "0".to_string() };
        let spent = match time as u64 {
            0 => "--:--:--".to_string(),
            s => format!("{:2}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60),
        };
        cx.complain(&format!("\r{percent:3} {total:>5}  {percent:3} {size:>5}    0     0  {speed:>5}      0 --:--:-- {spent} --:--:-- {speed:>5}")).await;
    }

    /// Shows the meter's last line.
    pub async fn end_meter(&self, cx: &mut Context) {
        self.progress(cx, true).await;
        cx.complain("\n").await;
    }

    /// Shows the meter's head and first line.
    pub async fn start_meter(&self, cx: &mut Context) {
        cx.complain(METER).await;
        self.progress(cx, false).await;
    }

    /// `-w`'s text.
    pub fn write_out(&self, format: &str) -> String {
        let since = |at: Instant| format!("{:.6}", at.since(self.start).as_secs_f64());
        let value = |name: &str| match name {
            "http_code" | "response_code" => format!("{:03}", self.status),
            "size_download" => self.size.to_string(),
            "time_connect" => since(self.connected),
            "time_starttransfer" => since(self.first_byte),
            "time_total" => since(self.end),
            "url_effective" => self.url.clone(),
            "content_type" => self.content_type.clone(),
            "remote_ip" => self.address.map(|a| a.0.to_string()).unwrap_or_default(),
            "remote_port" => self.address.map_or(0, |a| a.1).to_string(),
            "num_redirects" => self.redirects.to_string(),
            _ => String::new(),
        };
        let mut text = String::new();
        let mut rest = format;
        while let Some(at) = rest.find(['%', '\\']) {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some((name, after)) = rest.strip_prefix("%{").and_then(|r| r.split_once('}')) {
                text.push_str(&value(name));
                rest = after;
                continue;
            }
            let (shown, length) = match rest.as_bytes().get(..2) {
                Some(b"\\n") => ("\n", 2),
                Some(b"\\t") => ("\t", 2),
                Some(b"\\r") => ("\r", 2),
                Some(b"%%") => ("%", 2),
                _ => (&rest[..1], 1),
            };
            text.push_str(shown);
            rest = &rest[length..];
        }
        text + rest
    }
}

/// A number in five places: `615`, `12.3k`, `300k`.
fn short(n: u64) -> String {
    match n {
        0..=99_999 => n.to_string(),
        100_000..=10_239_999 => format!("{}k", n / 1024),
        _ => format!("{:.1}M", n as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_out() {
        let report = Report { status: 200, size: 7, ..Report::default() };
        assert_eq!(report.write_out("%{http_code}\\n%{size_download}%% 한%x"), "200\n7% 한%x");
    }
}
