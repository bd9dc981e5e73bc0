use std::time::Duration;

use super::{Lab, inet, say_hello, shouting_server};
use crate::Errno;
use crate::net::{IcmpError, NetNamespaceId, PortForward, SocketAddress, SocketKind};

const HOST: NetNamespaceId = NetNamespaceId::HOST;

fn publish(lab: &Lab, port: u16, to: &str) -> PortForward {
    let forward = PortForward { address: [0, 0, 0, 0].into(), tcp: true, port, to: to.parse().unwrap() };
    lab.machine.init().add_forward(HOST, forward.clone()).unwrap();
    forward
}

#[test]
fn containers_of_one_network_reach_each_other() {
    let lab = Lab::new();
    lab.spawn(lab.a2, |sys| shouting_server(sys, "0.0.0.0:7000"));
    assert_eq!(lab.run(lab.a1, |sys| say_hello(sys, "172.18.0.3:7000")).0, Ok("172.18.0.2 HELLO".into()));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "172.18.0.3:7000")).0, Ok("172.18.0.1 HELLO".into()));
    assert_eq!(lab.run(lab.a1, |sys| say_hello(sys, "172.18.0.3:7001")).0, Err(Errno::ECONNREFUSED));
    let sent = lab.machine.init().interfaces(lab.a1).unwrap()[1].counters[2];
    assert!(sent > 200, "the interface counts: {sent}");
}

#[test]
fn other_networks_drop_silently() {
    let lab = Lab::new();
    lab.spawn(lab.b1, |sys| shouting_server(sys, "0.0.0.0:7000"));
    let (result, time) = lab.run(lab.a1, |sys| say_hello(sys, "172.19.0.2:7000"));
    assert_eq!((result, time.as_secs()), (Err(Errno::ETIMEDOUT), 127));
}

#[test]
fn nobody_has_the_address() {
    let lab = Lab::new();
    let (result, time) = lab.run(lab.a1, |sys| say_hello(sys, "172.18.0.9:7000"));
    assert_eq!((result, time.as_secs()), (Err(Errno::EHOSTUNREACH), 3));
    // The host finds that out for others too.
    let (result, time) = lab.run(HOST, |sys| say_hello(sys, "172.19.0.9:7000"));
    assert_eq!((result, time.as_secs()), (Err(Errno::EHOSTUNREACH), 3));
}

#[test]
fn the_world_is_not_reachable() {
    let lab = Lab::new();
    for ns in [HOST, lab.a1] {
        let (result, time) = lab.run(ns, |sys| say_hello(sys, "93.184.216.34:80"));
        assert_eq!(result, Err(Errno::ENETUNREACH));
        assert!(time < Duration::from_millis(5), "{time:?}");
    }
    let alone = lab.machine.init().netns_create().unwrap();
    assert_eq!(lab.run(alone, |sys| say_hello(sys, "127.0.0.1:80")).0, Err(Errno::ENETUNREACH));
    assert_eq!(lab.run(alone, |sys| say_hello(sys, "10.0.2.2:80")).0, Err(Errno::ENETUNREACH));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "10.0.2.2:80")).0, Err(Errno::ECONNREFUSED));
}

#[test]
fn a_gateway_takes_connections_to_anywhere() {
    let lab = Lab::new();
    let gateway = lab.spawn(NetNamespaceId::OUTSIDE, |sys| async move {
        let listener = sys.socket(SocketKind::Tcp4).unwrap();
        sys.listen(listener, 16).unwrap();
        sys.set_transparent(listener).unwrap();
        for _ in 0..2 {
            let (fd, _) = sys.accept(listener).await.unwrap();
            let SocketAddress::Inet(to) = sys.socket_name(fd).unwrap() else { panic!() };
            sys.read_vec(fd, 100).await.unwrap();
            sys.write_all(fd, to.to_string().as_bytes()).await.unwrap();
            sys.close(fd).unwrap();
        }
    });
    for ns in [HOST, lab.a1] {
        assert_eq!(lab.run(ns, |sys| say_hello(sys, "93.184.216.34:80")).0, Ok("93.184.216.34:80".into()));
    }
    assert!(gateway.borrow().is_some());
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "93.184.216.34:80")).0, Err(Errno::ENETUNREACH));
}

#[test]
fn published_ports() {
    let lab = Lab::new();
    lab.spawn(lab.a1, |sys| shouting_server(sys, "0.0.0.0:6379"));
    let forward = publish(&lab, 7000, "172.18.0.2:6379");
    // Over loopback Docker's proxy connects from the bridge's address; so it does for containers.
    for ns in [HOST, lab.b1, lab.a1, lab.a2] {
        let to = if ns == HOST { "127.0.0.1:7000" } else { "10.0.2.15:7000" };
        assert_eq!(lab.run(ns, move |sys| say_hello(sys, to)).0, Ok("172.18.0.1 HELLO".into()));
    }
    // To its own address the host's packets are translated.
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "10.0.2.15:7000")).0, Ok("10.0.2.15 HELLO".into()));
    // From outside too; the container itself is not to be reached from there.
    let outside = NetNamespaceId::OUTSIDE;
    assert_eq!(lab.run(outside, |sys| say_hello(sys, "10.0.2.15:7000")).0, Ok("10.0.2.2 HELLO".into()));
    let again = lab.machine.init().add_forward(HOST, forward.clone());
    assert_eq!(again, Err(Errno::EADDRINUSE));
    lab.run(HOST, |sys| async move {
        let fd = sys.socket(SocketKind::Tcp4).unwrap();
        assert_eq!(sys.bind(fd, &inet("127.0.0.1:7000")), Err(Errno::EADDRINUSE));
    });
    lab.machine.init().remove_forward(HOST, &forward).unwrap();
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "127.0.0.1:7000")).0, Err(Errno::ECONNREFUSED));
}

#[test]
fn the_proxy_accepts_before_it_looks() {
    let lab = Lab::new();
    publish(&lab, 7000, "172.18.0.2:6379");
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "127.0.0.1:7000")).0, Err(Errno::ECONNRESET));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "10.0.2.15:7000")).0, Err(Errno::ECONNREFUSED));
}

#[test]
fn a_cut_connection_hangs_and_goes_on_after() {
    let lab = Lab::new();
    lab.spawn(lab.a2, |sys| shouting_server(sys, "0.0.0.0:7000"));
    let client = lab.spawn(lab.a1, |sys| async move {
        let fd = sys.socket(SocketKind::Tcp4).unwrap();
        sys.connect(fd, &inet("172.18.0.3:7000")).await.unwrap();
        sys.sleep(Duration::from_secs(1)).await.unwrap();
        sys.write_all(fd, b"late").await.unwrap();
        sys.read_to_end(fd, 100).await
    });
    lab.pass(Duration::from_millis(500));
    let veth = format!("veth{}", lab.a2.0);
    lab.machine.init().set_link_up(HOST, &veth, false).unwrap();
    lab.pass(Duration::from_secs(60));
    assert!(client.borrow().is_none(), "it waits");
    lab.machine.init().set_link_up(HOST, &veth, true).unwrap();
    lab.pass(Duration::from_secs(60));
    assert_eq!(client.take().map(|c| c.0), Some(Ok(b"172.18.0.2 LATE".to_vec())));
}

#[test]
fn a_cut_connection_gives_up_at_last() {
    let lab = Lab::new();
    lab.spawn(lab.a2, |sys| shouting_server(sys, "0.0.0.0:7000"));
    let client = lab.spawn(lab.a1, |sys| async move {
        let fd = sys.socket(SocketKind::Tcp4).unwrap();
        sys.connect(fd, &inet("172.18.0.3:7000")).await.unwrap();
        sys.sleep(Duration::from_secs(1)).await.unwrap();
        sys.write_all(fd, b"late").await.unwrap();
        sys.read_to_end(fd, 100).await
    });
    lab.pass(Duration::from_millis(500));
    lab.machine.init().netns_remove(lab.a2).unwrap();
    lab.pass(Duration::from_secs(1000));
    let (result, at) = client.take().unwrap();
    assert_eq!(result, Err(Errno::ETIMEDOUT));
    assert!((900..950).contains(&(at.as_millis() / 1000)), "{at:?}");
}

#[test]
fn datagrams() {
    let lab = Lab::new();
    lab.spawn(lab.a2, |sys| async move {
        let fd = sys.socket(SocketKind::Udp4).unwrap();
        sys.bind(fd, &inet("0.0.0.0:53")).unwrap();
        loop {
            let question = sys.recv_from(fd).await.unwrap();
            sys.send_to(fd, &question.data.to_ascii_uppercase(), &question.from).unwrap();
        }
    });
    let forward =
        PortForward { address: [0, 0, 0, 0].into(), tcp: false, port: 5353, to: "172.18.0.3:53".parse().unwrap() };
    lab.machine.init().add_forward(HOST, forward).unwrap();
    for (ns, to) in
        [(lab.a1, "172.18.0.3:53"), (HOST, "127.0.0.1:5353"), (HOST, "10.0.2.15:5353"), (lab.b1, "10.0.2.15:5353")]
    {
        let (answer, _) = lab.run(ns, move |sys| async move {
            let fd = sys.socket(SocketKind::Udp4).unwrap();
            sys.send_to(fd, b"who", &inet(to)).unwrap();
            let answer = sys.recv_from(fd).await.unwrap();
            (answer.data, answer.from)
        });
        assert_eq!(answer, (b"WHO".to_vec(), inet(to)));
    }
    let (error, _) = lab.run(lab.a1, |sys| async move {
        let fd = sys.socket(SocketKind::Udp4).unwrap();
        sys.connect(fd, &inet("172.18.0.3:54")).await.unwrap();
        sys.write(fd, b"who").await.unwrap();
        sys.recv_from(fd).await.map(|d| d.data)
    });
    assert_eq!(error, Err(Errno::ECONNREFUSED));
}

#[test]
fn echo() {
    let lab = Lab::new();
    let ping = |to: &'static str, ttl: u8| {
        move |sys: crate::Sys| async move {
            let fd = sys.socket(SocketKind::Ping4).unwrap();
            sys.set_ttl(fd, ttl).unwrap();
            sys.send_to(fd, &[8, 0, 0, 0, 0, 0, 0, 1, b'x'], &inet(to))?;
            let reply = sys.recv_from(fd).await?;
            let SocketAddress::Inet(from) = reply.from else { panic!() };
            assert!(reply.error.is_some() || (reply.data[0], reply.data[8]) == (0, b'x'));
            Ok((from.ip().to_string(), reply.ttl, reply.error))
        }
    };
    assert_eq!(lab.run(lab.a1, ping("172.18.0.3:0", 64)).0, Ok(("172.18.0.3".into(), 64, None)));
    assert_eq!(lab.run(lab.a1, ping("10.0.2.2:0", 64)).0, Ok(("10.0.2.2".into(), 63, None)));
    assert_eq!(lab.run(lab.a1, ping("10.0.2.2:0", 1)).0.map(|r| r.2), Ok(Some(IcmpError::TimeExceeded)));
    let nobody = lab.run(lab.a1, ping("172.18.0.77:0", 64));
    assert_eq!(nobody.0, Ok(("172.18.0.2".into(), 64, Some(IcmpError::HostUnreachable))));
    let beyond = lab.run(lab.a1, ping("8.8.8.8:0", 64));
    assert_eq!(beyond.0.map(|r| r.2), Ok(Some(IcmpError::NetUnreachable)));
    let alone = lab.machine.init().netns_create().unwrap();
    assert_eq!(lab.run(alone, ping("8.8.8.8:0", 64)).0, Err(Errno::ENETUNREACH));
}

#[test]
fn routes_are_listed_as_ip_lists_them() {
    let lab = Lab::new();
    let routes = lab.machine.init().routes(HOST).unwrap();
    let shown: Vec<String> = routes
        .iter()
        .map(|r| {
            format!("{}/{} {} {:?}", r.destination.0, r.destination.1, r.interface, r.gateway.or(r.source).unwrap())
        })
        .collect();
    assert_eq!(
        shown,
        [
            "0.0.0.0/0 eth0 10.0.2.2",
            "10.0.2.0/24 eth0 10.0.2.15",
            "172.18.0.0/16 br-a 172.18.0.1",
            "172.19.0.0/16 br-b 172.19.0.1"
        ]
    );
}
