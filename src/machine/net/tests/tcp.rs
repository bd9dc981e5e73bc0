use std::time::Duration;

use super::{Lab, inet, say_hello, shouting_server};
use crate::net::{NetNamespaceId, Shutdown, SocketKind};
use crate::{Errno, PollFd};

const HOST: NetNamespaceId = NetNamespaceId::HOST;

#[test]
fn loopback_carries_both_ways() {
    let lab = Lab::new();
    lab.spawn(HOST, |sys| shouting_server(sys, "0.0.0.0:7000"));
    let (answer, time) = lab.run(HOST, |sys| say_hello(sys, "127.0.0.1:7000"));
    assert_eq!(answer, Ok("127.0.0.1 HELLO".into()));
    assert!(time < Duration::from_millis(2), "{time:?}");
    // The own address, another loopback address and the unspecified one lead to the same server.
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "10.0.2.15:7000")).0, Ok("10.0.2.15 HELLO".into()));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "127.8.9.1:7000")).0, Ok("127.0.0.1 HELLO".into()));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "0.0.0.0:7000")).0, Ok("127.0.0.1 HELLO".into()));
}

#[test]
fn nobody_listens() {
    let lab = Lab::new();
    let (result, time) = lab.run(HOST, |sys| say_hello(sys, "127.0.0.1:6379"));
    assert_eq!(result, Err(Errno::ECONNREFUSED));
    assert!(time < Duration::from_millis(2));
    // A server in one namespace is not there in another.
    lab.spawn(lab.a1, |sys| shouting_server(sys, "0.0.0.0:6379"));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "127.0.0.1:6379")).0, Err(Errno::ECONNREFUSED));
}

#[test]
fn dual_stack() {
    let lab = Lab::new();
    lab.spawn(HOST, |sys| shouting_server(sys, "[::]:80"));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "127.0.0.1:80")).0, Ok("::ffff:127.0.0.1 HELLO".into()));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "[::1]:80")).0, Ok("::1 HELLO".into()));
    assert_eq!(lab.run(HOST, |sys| say_hello(sys, "[2001:db8::1]:80")).0, Err(Errno::ENETUNREACH));
}

#[test]
fn ports_conflict() {
    let lab = Lab::new();
    lab.run(HOST, |sys| async move {
        let bind = |address: &str| {
            let fd = sys.socket(SocketKind::Tcp4)?;
            sys.bind(fd, &inet(address))?;
            sys.listen(fd, 5).map(|()| fd)
        };
        let first = bind("127.0.0.1:80").unwrap();
        assert_eq!(bind("0.0.0.0:80"), Err(Errno::EADDRINUSE));
        assert_eq!(bind("127.0.0.1:80"), Err(Errno::EADDRINUSE));
        assert!(bind("10.0.2.15:80").is_ok());
        assert_eq!(bind("172.18.0.2:80"), Err(Errno::EADDRNOTAVAIL));
        sys.close(first).unwrap();
        assert!(bind("127.0.0.1:80").is_ok());
        let any = bind("127.0.0.1:0").unwrap();
        assert_ne!(sys.socket_name(any), Ok(inet("127.0.0.1:0")));
    });
}

#[test]
fn the_writer_waits_for_the_reader() {
    let lab = Lab::new();
    const TOTAL: usize = 3_000_000;
    let server = lab.spawn(HOST, |sys| async move {
        let listener = sys.socket(SocketKind::Tcp4).unwrap();
        sys.bind(listener, &inet("127.0.0.1:9")).unwrap();
        sys.listen(listener, 1).unwrap();
        let (fd, _) = sys.accept(listener).await.unwrap();
        sys.sleep(Duration::from_secs(5)).await.unwrap();
        let mut sum = 0;
        loop {
            let data = sys.read_vec(fd, 5000).await.unwrap();
            if data.is_empty() {
                return sum;
            }
            assert!(data.iter().enumerate().all(|(i, b)| *b == ((sum + i) % 251) as u8));
            sum += data.len();
        }
    });
    let (sent_at, _) = lab.run(HOST, |sys| async move {
        let fd = sys.socket(SocketKind::Tcp4).unwrap();
        sys.connect(fd, &inet("127.0.0.1:9")).await.unwrap();
        let data: Vec<u8> = (0..TOTAL).map(|i| (i % 251) as u8).collect();
        sys.write_all(fd, &data).await.unwrap();
        sys.now()
    });
    assert!(sent_at.as_millis() >= 5000);
    lab.pass(Duration::from_secs(1));
    assert_eq!(server.borrow().map(|s| s.0), Some(TOTAL));
}

#[test]
fn half_close_and_reset() {
    let lab = Lab::new();
    let server = lab.spawn(HOST, |sys| async move {
        let listener = sys.socket(SocketKind::Tcp4).unwrap();
        sys.bind(listener, &inet("127.0.0.1:9")).unwrap();
        sys.listen(listener, 1).unwrap();
        // The first sees the end and can still answer.
        let (fd, _) = sys.accept(listener).await.unwrap();
        assert_eq!(sys.read_to_end(fd, 100).await.unwrap(), b"question");
        sys.write_all(fd, b"answer").await.unwrap();
        sys.close(fd).unwrap();
        // The second is closed with data unread: a reset.
        let (fd, _) = sys.accept(listener).await.unwrap();
        sys.sleep(Duration::from_millis(10)).await.unwrap();
        sys.close(fd).unwrap();
    });
    lab.run(HOST, |sys| async move {
        let fd = sys.socket(SocketKind::Tcp4).unwrap();
        sys.connect(fd, &inet("127.0.0.1:9")).await.unwrap();
        sys.write_all(fd, b"question").await.unwrap();
        sys.shutdown(fd, Shutdown::Write).unwrap();
        assert_eq!(sys.read_to_end(fd, 100).await.unwrap(), b"answer");
        let fd = sys.socket(SocketKind::Tcp4).unwrap();
        sys.connect(fd, &inet("127.0.0.1:9")).await.unwrap();
        sys.write_all(fd, b"unread").await.unwrap();
        assert_eq!(sys.read_vec(fd, 10).await, Err(Errno::ECONNRESET));
        assert_eq!(sys.read_vec(fd, 10).await, Ok(vec![]));
        let ready = sys.ready(fd).unwrap();
        assert!(ready.hangup && ready.readable && ready.writable);
        sys.sigaction(crate::Signal::PIPE, crate::process::Disposition::Ignore).unwrap();
        assert_eq!(sys.write(fd, b"x").await, Err(Errno::EPIPE));
    });
    assert!(server.borrow().is_some());
}

#[test]
fn connecting_without_waiting() {
    let lab = Lab::new();
    lab.spawn(lab.a2, |sys| shouting_server(sys, "0.0.0.0:7000"));
    lab.run(lab.a1, |sys| async move {
        for (to, result) in [("172.18.0.3:7000", Ok(())), ("172.18.0.3:7001", Err(Errno::ECONNREFUSED))] {
            let fd = sys.socket(SocketKind::Tcp4).unwrap();
            sys.set_nonblocking(fd, true).unwrap();
            assert_eq!(sys.connect(fd, &inet(to)).await, Err(Errno::EINPROGRESS));
            assert_eq!(sys.connect(fd, &inet(to)).await, Err(Errno::EALREADY));
            let mut poll = [PollFd::writable(fd)];
            assert_eq!(sys.poll(&mut poll, Some(Duration::from_secs(1))).await, Ok(1));
            assert_eq!(sys.socket_error(fd), result);
            assert_eq!(sys.peer_name(fd).is_ok(), result.is_ok());
        }
    });
}

#[test]
fn a_full_backlog_delays_connections() {
    let lab = Lab::new();
    lab.spawn(HOST, |sys| async move {
        let listener = sys.socket(SocketKind::Tcp4).unwrap();
        sys.bind(listener, &inet("127.0.0.1:9")).unwrap();
        sys.listen(listener, 0).unwrap();
        sys.sleep(Duration::from_secs(2)).await.unwrap();
        let _first = sys.accept(listener).await.unwrap();
        let _second = sys.accept(listener).await.unwrap();
        sys.sleep(Duration::from_secs(100)).await.unwrap();
    });
    let connect = |sys: crate::Sys| async move {
        let fd = sys.socket(SocketKind::Tcp4).unwrap();
        sys.connect(fd, &inet("127.0.0.1:9")).await
    };
    let first = lab.spawn(HOST, connect);
    let (second, time) = lab.run(HOST, connect);
    assert_eq!((first.take().unwrap().0, second), (Ok(()), Ok(())));
    // SYN at 0, 1 and 3 seconds: the third finds room.
    assert!((3000..3100).contains(&time.as_millis()), "{time:?}");
}

#[test]
fn ss_sees_states() {
    let lab = Lab::new();
    lab.spawn(HOST, |sys| shouting_server(sys, "0.0.0.0:7000"));
    lab.run(HOST, |sys| say_hello(sys, "127.0.0.1:7000")).0.unwrap();
    let mut states: Vec<_> = lab.machine.init().sockets(HOST).unwrap().into_iter().map(|s| s.state).collect();
    states.sort_unstable();
    assert_eq!(states, ["LISTEN", "TIME-WAIT"]);
    lab.pass(Duration::from_secs(60));
    assert_eq!(lab.machine.init().sockets(HOST).unwrap().len(), 1);
    let listener = &lab.machine.init().sockets(HOST).unwrap()[0];
    assert_eq!((&listener.local, listener.queued), (&inet("0.0.0.0:7000"), (0, 16)));
}
