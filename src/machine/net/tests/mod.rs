//! The network as processes see it: two Docker networks on a host.

mod resolve;
mod tcp;
mod topology;
mod unix;

use std::cell::RefCell;
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use super::{NetNamespaceId, Route, SocketAddress, SocketKind};
use crate::{ExitCode, Instant, Machine, MachineConfig, Sys, UnixTime};

/// A host with two isolated bridges: `br-a` (172.18.0.1/16) with containers `a1` (.2) and `a2` (.3), `br-b`
/// (172.19.0.1/16) with `b1` (172.19.0.2).
struct Lab {
    machine: Machine,
    a1: NetNamespaceId,
    a2: NetNamespaceId,
    b1: NetNamespaceId,
}

/// What a process came to, and when.
type Outcome<T> = Rc<RefCell<Option<(T, Instant)>>>;

impl Lab {
    fn new() -> Lab {
        let machine = Machine::boot(&MachineConfig { seed: 7, boot: UnixTime(0), hostname: "host".into() });
        let sys = machine.init();
        let host = NetNamespaceId::HOST;
        for (name, gateway) in [("br-a", "172.18.0.1"), ("br-b", "172.19.0.1")] {
            sys.add_bridge(host, name, [2, 0x42, 0, 0, 0, 1]).unwrap();
            sys.add_address(host, name, gateway.parse().unwrap(), 16).unwrap();
            sys.set_link_up(host, name, true).unwrap();
            sys.isolate_bridge(host, name, false).unwrap();
        }
        let a1 = container(&sys, "br-a", "172.18.0.2", "172.18.0.1");
        let a2 = container(&sys, "br-a", "172.18.0.3", "172.18.0.1");
        let b1 = container(&sys, "br-b", "172.19.0.2", "172.19.0.1");
        Lab { machine, a1, a2, b1 }
    }

    /// Starts a process in a namespace.
    fn spawn<T: 'static, F>(&self, ns: NetNamespaceId, body: impl FnOnce(Sys) -> F + 'static) -> Outcome<T>
    where
        F: Future<Output = T> + 'static,
    {
        let outcome: Outcome<T> = Rc::default();
        let result = outcome.clone();
        let start = move |sys: Sys| async move {
            sys.set_netns(ns).unwrap();
            let value = body(sys.clone()).await;
            *result.borrow_mut() = Some((value, sys.now()));
            ExitCode::SUCCESS
        };
        self.machine.start(start).unwrap();
        outcome
    }

    /// Lets time pass.
    fn pass(&self, time: Duration) {
        self.machine.run(self.machine.now() + time, u64::MAX);
    }

    /// Runs a process to its end: what came of it, and how long it took.
    fn run<T: 'static, F>(&self, ns: NetNamespaceId, body: impl FnOnce(Sys) -> F + 'static) -> (T, Duration)
    where
        F: Future<Output = T> + 'static,
    {
        let start = self.machine.now();
        let outcome = self.spawn(ns, body);
        for _ in 0..400 {
            self.pass(Duration::from_secs(1));
            if let Some((value, at)) = outcome.borrow_mut().take() {
                return (value, at.since(start));
            }
        }
        panic!("the process does not come to its end");
    }
}

fn container(sys: &Sys, bridge: &str, address: &str, gateway: &str) -> NetNamespaceId {
    let host = NetNamespaceId::HOST;
    let ns = sys.netns_create().unwrap();
    let veth = format!("veth{}", ns.0);
    sys.add_veth((host, &veth, [6; 6]), (ns, "eth0", [8; 6])).unwrap();
    sys.set_master(host, &veth, Some(bridge)).unwrap();
    sys.set_link_up(host, &veth, true).unwrap();
    sys.set_link_up(ns, "lo", true).unwrap();
    sys.add_address(ns, "eth0", address.parse().unwrap(), 16).unwrap();
    sys.set_link_up(ns, "eth0", true).unwrap();
    let default = ([0, 0, 0, 0].into(), 0);
    let gateway = Some(gateway.parse().unwrap());
    sys.add_route(ns, Route { destination: default, gateway, interface: "eth0".into(), source: None }).unwrap();
    ns
}

fn inet(text: &str) -> SocketAddress {
    SocketAddress::Inet(text.parse::<SocketAddr>().unwrap())
}

/// A server that answers each connection with who it comes from and what was sent, in capitals.
async fn shouting_server(sys: Sys, address: &'static str) {
    let kind = if address.starts_with('[') { SocketKind::Tcp6 } else { SocketKind::Tcp4 };
    let listener = sys.socket(kind).unwrap();
    sys.bind(listener, &inet(address)).unwrap();
    sys.listen(listener, 16).unwrap();
    loop {
        let (fd, from) = sys.accept(listener).await.unwrap();
        let SocketAddress::Inet(from) = from else { panic!("not an Internet address") };
        let data = sys.read_vec(fd, 4096).await.unwrap_or_default();
        let answer = format!("{} {}", from.ip(), String::from_utf8_lossy(&data).to_uppercase());
        let _ = sys.write_all(fd, answer.as_bytes()).await;
        sys.close(fd).unwrap();
    }
}

/// Connects, sends `hello`, reads to the end.
async fn say_hello(sys: Sys, to: &'static str) -> Result<String, crate::Errno> {
    let kind = if to.starts_with('[') { SocketKind::Tcp6 } else { SocketKind::Tcp4 };
    let fd = sys.socket(kind)?;
    sys.connect(fd, &inet(to)).await?;
    sys.write_all(fd, b"hello").await?;
    let answer = sys.read_to_end(fd, 4096).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
