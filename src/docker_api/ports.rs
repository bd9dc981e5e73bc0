//! `-p` and `--expose`. Source: the rules and error texts of go-connections' nat package.

use std::net::IpAddr;

/// One published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortMapping {
    /// `80/tcp`
    pub container: String,
    /// The host address, or empty for all.
    pub host_ip: String,
    /// The host port, a range `8000-8010` to choose from, or empty for any.
    pub host_port: String,
}

/// Splits `80/udp` into protocol and port; the protocol defaults to tcp. Both are empty if the
/// port is.
pub fn split_proto(raw: &str) -> (String, String) {
    let (port, proto) = raw.split_once('/').unwrap_or((raw, ""));
    if port.is_empty() || raw.matches('/').count() > 1 {
        return (String::new(), String::new());
    }
    let proto = if proto.is_empty() { "tcp" } else { proto };
    (proto.to_string(), port.to_string())
}

/// `80` or `80-90`.
pub fn parse_range(text: &str) -> Result<(u16, u16), String> {
    if text.is_empty() {
        return Err("empty string specified for ports".into());
    }
    let Some((start, end)) = text.split_once('-') else {
        return parse_port(text).map(|p| (p, p));
    };
    let (start, end) = (parse_port(start)?, parse_port(end)?);
    if end < start {
        return Err(format!("invalid range specified for port: {text}"));
    }
    Ok((start, end))
}

fn parse_port(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let quoted = crate::text_quote(text);
    if !digits {
        return Err(format!("strconv.ParseUint: parsing {quoted}: invalid syntax"));
    }
    text.parse().map_err(|_| format!("strconv.ParseUint: parsing {quoted}: value out of range"))
}

/// Parses `[[ip:]hostPort:]containerPort[/proto]`.
pub fn parse_spec(raw: &str) -> Result<Vec<PortMapping>, String> {
    let parts: Vec<&str> = raw.split(':').collect();
    let (ip, host_port, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => (String::new(), "", ""),
    };
    let (proto, container) = split_proto(container);
    let proto = proto.to_ascii_lowercase();
    if container.is_empty() {
        return Err(format!("no port specified: {raw}<empty>"));
    }
    if !matches!(proto.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("Invalid proto: {proto}"));
    }
    if ip.contains(':') && !ip.starts_with('[') && ip.parse::<IpAddr>().is_err() {
        return Err(format!("Invalid ip address {ip}: address {ip}:: too many colons in address"));
    }
    let host_ip = match ip.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').unwrap_or(rest).to_string(),
        None => ip,
    };
    if !host_ip.is_empty() && host_ip.parse::<IpAddr>().is_err() {
        return Err(format!("invalid IP address: {host_ip}"));
    }
    let (start, end) = parse_range(&container).map_err(|_| format!("Invalid containerPort: {container}"))?;
    let host = match host_port {
        "" => None,
        text => Some(parse_range(text).map_err(|_| format!("Invalid hostPort: {text}"))?),
    };
    if let Some((first, last)) = host
        && last - first != end - start
        && end != start
    {
        return Err(format!("Invalid ranges specified for container and host Ports: {container} and {host_port}"));
    }
    let mapping = |port: u16| PortMapping {
        container: format!("{port}/{proto}"),
        host_ip: host_ip.clone(),
        host_port: match host {
            None => String::new(),
            Some((first, last)) if start == end && first != last => format!("{first}-{last}"),
            Some((first, _)) => (first + (port - start)).to_string(),
        },
    };
    Ok((start..=end).map(mapping).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(raw: &str) -> Vec<(String, String, String)> {
        let tuple = |m: PortMapping| (m.host_ip, m.host_port, m.container);
        parse_spec(raw).unwrap().into_iter().map(tuple).collect()
    }

    #[test]
    fn specs_are_read() {
        let one = |ip: &str, h: &str, c: &str| vec![(ip.to_string(), h.to_string(), c.to_string())];
        assert_eq!(plain("80"), one("", "", "80/tcp"));
        assert_eq!(plain("8080:80"), one("", "8080", "80/tcp"));
        assert_eq!(plain("127.0.0.1:53:53/UDP"), one("127.0.0.1", "53", "53/udp"));
        assert_eq!(plain("127.0.0.1::80"), one("127.0.0.1", "", "80/tcp"));
        assert_eq!(plain("[::1]:80:80"), one("::1", "80", "80/tcp"));
        assert_eq!(plain("8000-8010:80"), one("", "8000-8010", "80/tcp"));
        assert_eq!(plain("7000-7001:80-81")[1], ("".into(), "7001".into(), "81/tcp".into()));
    }

    #[test]
    fn mistakes_are_named() {
        let error = |t: &str| parse_spec(t).unwrap_err();
        assert_eq!(error("foo"), "Invalid containerPort: foo");
        assert_eq!(error("x:80"), "Invalid hostPort: x");
        assert_eq!(error("80:"), "no port specified: 80:<empty>");
        assert_eq!(error("80/foo"), "Invalid proto: foo");
        assert_eq!(error("a.b:1:1"), "invalid IP address: a.b");
        assert_eq!(error("99999:80"), "Invalid hostPort: 99999");
        assert_eq!(error("1-2:80-83"), "Invalid ranges specified for container and host Ports: 80-83 and 1-2");
    }
}
