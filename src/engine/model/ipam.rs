//! Addresses: subnets, the default pools, hardware addresses.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use docker_api::types::IpamConfig;
use machine::Sys;

use crate::error::{ApiError, ApiResult};

/// The addresses of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// The network's own address.
    pub base: Ipv4Addr,
    /// Length of the prefix.
    pub prefix: u8,
    /// The bridge's address.
    pub gateway: Ipv4Addr,
    /// Where to take addresses from, if not from all.
    pub range: Option<(Ipv4Addr, u8)>,
    /// Addresses that are not handed out.
    pub reserved: BTreeSet<Ipv4Addr>,
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

/// `10.0.0.0/8`; otherwise the daemon's error about `what`.
fn parse_cidr(text: &str, what: &str) -> ApiResult<(Ipv4Addr, u8)> {
    let bad = || ApiError::bad(format!("invalid network config:\ninvalid {what} {text}: invalid CIDR block notation"));
    let (address, prefix) = text.split_once('/').ok_or_else(bad)?;
    let prefix: u8 = prefix.parse().ok().filter(|p| *p <= 32).ok_or_else(bad)?;
    Ok((address.parse().map_err(|_| bad())?, prefix))
}

impl Subnet {
    /// A subnet whose gateway is its first address.
    pub fn new(base: Ipv4Addr, prefix: u8) -> Subnet {
        let base = Ipv4Addr::from(u32::from(base) & mask(prefix));
        let gateway = Ipv4Addr::from(u32::from(base).wrapping_add(1));
        Subnet { base, prefix, gateway, range: None, reserved: BTreeSet::new() }
    }

    /// As the user gave it.
    pub fn from_config(config: &IpamConfig) -> ApiResult<Subnet> {
        let (base, prefix) = parse_cidr(&config.subnet, "subnet")?;
        let mut subnet = Subnet::new(base, prefix);
        if subnet.base != base {
            return Err(ApiError::bad(format!(
                "invalid network config:\ninvalid subnet {}: it should be {}/{}",
                config.subnet, subnet.base, prefix
            )));
        }
        if !config.gateway.is_empty() {
            let gateway: Ipv4Addr = config.gateway.parse().map_err(|_| {
                ApiError::bad(format!(
                    "invalid network config:\ninvalid gateway {}: ParseAddr(\"{}\"): unable to parse IP",
                    config.gateway, config.gateway
                ))
            })?;
            if !subnet.contains(gateway) {
                return Err(ApiError::bad(format!(
                    "invalid network config:\ninvalid gateway {gateway}: parent subnet is {}",
                    config.subnet
                )));
            }
            subnet.gateway = gateway;
        }
        if !config.ip_range.is_empty() {
            let (start, prefix) = parse_cidr(&config.ip_range, "ip-range")?;
            if !subnet.contains(start) {
                return Err(ApiError::bad(format!(
                    "invalid network config:\ninvalid ip-range {}: parent subnet is {}",
                    config.ip_range, config.subnet
                )));
            }
            subnet.range = Some((start, prefix));
        }
        for address in config.aux_addresses.iter().flatten().filter_map(|(_, a)| a.parse().ok()) {
            subnet.reserved.insert(address);
        }
        Ok(subnet)
    }

    /// As the API shows it.
    pub fn to_config(&self) -> IpamConfig {
        IpamConfig {
            subnet: format!("{}/{}", self.base, self.prefix),
            gateway: self.gateway.to_string(),
            ip_range: self.range.map(|(a, p)| format!("{a}/{p}")).unwrap_or_default(),
            aux_addresses: None,
        }
    }

    /// Whether an address belongs to it.
    pub fn contains(&self, ip: Ipv4Addr) -> bool {
        u32::from(ip) & mask(self.prefix) == u32::from(self.base)
    }

    /// Whether two have addresses in common.
    pub fn overlaps(&self, other: &Subnet) -> bool {
        self.contains(other.base) || other.contains(self.base)
    }

    /// Addresses to hand out, in order.
    pub fn candidates(&self) -> impl Iterator<Item = Ipv4Addr> + use<> {
        let (start, prefix) = self.range.unwrap_or((self.base, self.prefix));
        let first = u32::from(start) & mask(prefix);
        let last = first | !mask(prefix);
        let (network, broadcast) = (u32::from(self.base), u32::from(self.base) | !mask(self.prefix));
        (first..=last).filter(move |a| *a != network && *a != broadcast).map(Ipv4Addr::from)
    }
}

/// The next free one of the default pools: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and on.
pub fn free_pool(used: &[Subnet]) -> Option<Subnet> {
    let first = (17..=31).map(|n| Subnet::new(Ipv4Addr::new(172, n, 0, 0), 16));
    let second = (0..16).map(|n| Subnet::new(Ipv4Addr::new(192, 168, n * 16, 0), 20));
    first.chain(second).find(|pool| !used.iter().any(|u| u.overlaps(pool)))
}

/// A random hardware address, locally administered.
pub fn random_mac(sys: &Sys) -> [u8; 6] {
    let mut mac = [0; 6];
    sys.random(&mut mac);
    mac[0] = mac[0] & 0xfe | 0x02;
    mac
}

/// `02:42:ac:11:00:02`
pub fn mac_text(mac: [u8; 6]) -> String {
    mac.map(|b| format!("{b:02x}")).join(":")
}

/// The bytes of a hardware address.
pub fn parse_mac(text: &str) -> Option<[u8; 6]> {
    let mut mac = [0; 6];
    let mut parts = text.split([':', '-']);
    for byte in &mut mac {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_go_in_order_and_are_reused() {
        let mut used = vec![Subnet::new(Ipv4Addr::new(172, 17, 0, 0), 16)];
        for n in 18..=31 {
            let pool = free_pool(&used).unwrap();
            assert_eq!(pool.base, Ipv4Addr::new(172, n, 0, 0));
            used.push(pool);
        }
        assert_eq!(free_pool(&used).unwrap().to_config().subnet, "192.168.0.0/20");
        used.remove(1);
        assert_eq!(free_pool(&used).unwrap().gateway, Ipv4Addr::new(172, 18, 0, 1));
    }

    #[test]
    fn ranges_limit_the_candidates() {
        let config = IpamConfig {
            subnet: "192.168.50.0/24".into(),
            ip_range: "192.168.50.128/25".into(),
            gateway: "192.168.50.254".into(),
            aux_addresses: None,
        };
        let subnet = Subnet::from_config(&config).unwrap();
        assert_eq!(subnet.candidates().next(), Some(Ipv4Addr::new(192, 168, 50, 128)));
        assert_eq!(subnet.candidates().last(), Some(Ipv4Addr::new(192, 168, 50, 254)));
        assert!(Subnet::from_config(&IpamConfig { subnet: "x".into(), ..config }).is_err());
    }

    #[test]
    fn hardware_addresses_survive() {
        assert_eq!(parse_mac(&mac_text([2, 0x42, 0xac, 0, 1, 255])), Some([2, 0x42, 0xac, 0, 1, 255]));
        assert_eq!(parse_mac("02:42"), None);
    }
}
