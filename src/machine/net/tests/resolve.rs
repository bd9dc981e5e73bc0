use std::net::IpAddr;
use std::time::Duration;

use super::{Lab, inet};
use crate::Sys;
use crate::fs::FileContent;
use crate::net::dns::{Message, Record, RecordData, RecordType, ResponseCode};
use crate::net::resolve::{resolve, reverse};
use crate::net::{NetNamespaceId, ResolveError, SocketKind};

const HOST: NetNamespaceId = NetNamespaceId::HOST;

fn write(lab: &Lab, path: &str, text: &str) {
    let sys = lab.machine.init();
    let _ = sys.mkdir("/etc", 0o755);
    sys.put_file(path, FileContent::from(text.as_bytes().to_vec()), 0o644).unwrap();
}

async fn name_server(sys: Sys) {
    let fd = sys.socket(SocketKind::Udp4).unwrap();
    sys.bind(fd, &inet("127.0.0.11:53")).unwrap();
    loop {
        let datagram = sys.recv_from(fd).await.unwrap();
        let question = Message::decode(&datagram.data).unwrap();
        let asked = &question.questions[0];
        let record = |data| vec![Record { name: asked.name.clone(), ttl: 600, data }];
        let answer = match (asked.name.as_str(), asked.record_type) {
            ("redis-1", RecordType::A) => {
                question.answer(ResponseCode::NoError, record(RecordData::A([172, 18, 0, 3].into())))
            }
            ("broken", _) => question.answer(ResponseCode::ServerFailure, vec![]),
            ("empty", _) => question.answer(ResponseCode::NoError, vec![]),
            ("2.0.18.172.in-addr.arpa", RecordType::Ptr) => {
                question.answer(ResponseCode::NoError, record(RecordData::Ptr("a1.net".into())))
            }
            _ => question.answer(ResponseCode::NameError, vec![]),
        };
        sys.send_to(fd, &answer.encode().unwrap(), &datagram.from).unwrap();
    }
}

fn v4(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn names_are_looked_up() {
    let lab = Lab::new();
    write(&lab, "/etc/hosts", "127.0.0.1 localhost\n172.18.0.2 a1\n");
    write(&lab, "/etc/resolv.conf", "nameserver 127.0.0.11\noptions ndots:0\n");
    lab.spawn(lab.a1, name_server);
    lab.pass(Duration::from_millis(1));
    for (name, expected) in [
        ("localhost", Ok(vec![v4("127.0.0.1")])),
        ("A1", Ok(vec![v4("172.18.0.2")])),
        ("redis-1", Ok(vec![v4("172.18.0.3")])),
        ("redis-1.", Ok(vec![v4("172.18.0.3")])),
        ("10.1.2.3", Ok(vec![v4("10.1.2.3")])),
        ("nobody", Err(ResolveError::NoName)),
        ("broken", Err(ResolveError::Again)),
        ("empty", Err(ResolveError::NoAddress)),
        ("127.0.0.1/16", Err(ResolveError::NoName)),
    ] {
        let (result, time) = lab.run(lab.a1, move |sys| async move { resolve(&sys, name).await });
        assert_eq!(result, expected, "{name}");
        assert!(time < Duration::from_millis(5), "{name}: {time:?}");
    }
    assert_eq!(lab.run(lab.a1, |sys| async move { reverse(&sys, v4("172.18.0.2")).await }).0, Some("a1".into()));
}

#[test]
fn silent_servers_take_time_missing_ones_do_not() {
    let lab = Lab::new();
    write(&lab, "/etc/resolv.conf", "nameserver 10.0.2.3\n");
    let ask = |sys: Sys| async move { resolve(&sys, "redis.io").await };
    let (result, time) = lab.run(HOST, ask);
    assert_eq!(result, Err(ResolveError::Again));
    assert!(time < Duration::from_millis(10), "{time:?}");
    // A server that never answers: five seconds, twice.
    write(&lab, "/etc/resolv.conf", "nameserver 172.18.0.2\n");
    lab.spawn(lab.a1, |sys| async move {
        let fd = sys.socket(SocketKind::Udp4).unwrap();
        sys.bind(fd, &inet("0.0.0.0:53")).unwrap();
        sys.sleep(Duration::from_secs(100)).await
    });
    let (result, time) = lab.run(HOST, ask);
    assert_eq!((result, time.as_secs()), (Err(ResolveError::Again), 10));
}
