//! The PORTS column: ports in ranges where they follow one another.

use serde_json::Value;

use crate::commands::common::{int, text};

struct Group {
    ip: String,
    proto: String,
    first: i64,
    last: i64,
}

/// `0.0.0.0:3000-3002->3000-3002/tcp, 70/tcp`
pub fn displayable(ports: &[Value]) -> String {
    let mut sorted: Vec<&Value> = ports.iter().collect();
    sorted.sort_by_key(|p| (int(p, "PrivatePort"), text(p, "IP"), int(p, "PublicPort"), text(p, "Type")));
    let (mut done, mut open, mut mapped) = (Vec::new(), Vec::<Group>::new(), Vec::new());
    for port in sorted {
        let (ip, proto) = (text(port, "IP"), text(port, "Type"));
        let (private, public) = (int(port, "PrivatePort"), int(port, "PublicPort"));
        if !ip.is_empty() && public != private {
            mapped.push(format!("{}->{private}/{proto}", join(ip, &public.to_string())));
            continue;
        }
        match open.iter_mut().find(|g| g.ip == ip && g.proto == proto) {
            Some(group) if group.last + 1 == private => group.last = private,
            Some(group) => {
                done.push(show(group));
                (group.first, group.last) = (private, private);
            }
            None => open.push(Group { ip: ip.into(), proto: proto.into(), first: private, last: private }),
        }
    }
    done.extend(open.iter().map(show));
    done.extend(mapped);
    done.join(", ")
}

fn show(group: &Group) -> String {
    let range = match group.first == group.last {
        true => group.first.to_string(),
        false => format!("{}-{}", group.first, group.last),
    };
    match group.ip.as_str() {
        "" => format!("{range}/{}", group.proto),
        ip => format!("{}->{range}/{}", join(ip, &range), group.proto),
    }
}

fn join(ip: &str, port: &str) -> String {
    if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_form_as_recorded() {
        let mut ports = Vec::new();
        for ip in ["0.0.0.0", "::"] {
            for p in 3000..=3002 {
                ports.push(serde_json::json!({"IP": ip, "PrivatePort": p, "PublicPort": p, "Type": "tcp"}));
            }
            ports.push(serde_json::json!({"IP": ip, "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}));
        }
        ports.push(serde_json::json!({"IP": "127.0.0.1", "PrivatePort": 90, "PublicPort": 9090, "Type": "udp"}));
        assert_eq!(
            displayable(&ports),
            "0.0.0.0:3000-3002->3000-3002/tcp, [::]:3000-3002->3000-3002/tcp, 0.0.0.0:8080->80/tcp, \
             [::]:8080->80/tcp, 127.0.0.1:9090->90/udp"
        );
        let bare: Vec<Value> =
            [70, 1000, 1001, 1002, 1003].map(|p| serde_json::json!({"PrivatePort": p, "Type": "tcp"})).to_vec();
        assert_eq!(displayable(&bare), "70/tcp, 1000-1003/tcp");
    }
}
