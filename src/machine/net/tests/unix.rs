use std::time::Duration;

use super::Lab;
use crate::net::{NetNamespaceId, Shutdown, SocketAddress, SocketKind};
use crate::{Errno, Sys};

const HOST: NetNamespaceId = NetNamespaceId::HOST;

fn name(path: &str) -> SocketAddress {
    SocketAddress::Unix(Some(path.into()))
}

async fn serve(sys: Sys, path: &'static str) -> (Vec<u8>, u32) {
    let listener = sys.socket(SocketKind::UnixStream).unwrap();
    sys.bind(listener, &name(path)).unwrap();
    sys.listen(listener, 5).unwrap();
    let (fd, _) = sys.accept(listener).await.unwrap();
    let data = sys.read_to_end(fd, 1_000_000).await.unwrap();
    sys.write_all(fd, b"done").await.unwrap();
    (data, sys.peer_credentials(fd).unwrap().uid)
}

#[test]
fn a_path_leads_to_the_listener() {
    let lab = Lab::new();
    for path in ["/sock", "\0abstract"] {
        let server = lab.spawn(HOST, move |sys| serve(sys, path));
        lab.pass(Duration::from_millis(1));
        let (answer, _) = lab.run(HOST, move |sys| async move {
            let fd = sys.socket(SocketKind::UnixStream).unwrap();
            sys.connect(fd, &name(path)).await.unwrap();
            assert_eq!(sys.peer_name(fd), Ok(name(path)));
            sys.write_all(fd, &[b'x'; 500_000]).await.unwrap();
            sys.shutdown(fd, Shutdown::Write).unwrap();
            sys.read_to_end(fd, 100).await.unwrap()
        });
        assert_eq!(answer, b"done");
        let (data, uid) = server.take().unwrap().0;
        assert_eq!((data.len(), uid), (500_000, 0));
    }
    // The node stays, nobody listens; the name stays taken.
    lab.run(HOST, |sys| async move {
        let fd = sys.socket(SocketKind::UnixStream).unwrap();
        assert_eq!(sys.connect(fd, &name("/sock")).await, Err(Errno::ECONNREFUSED));
        assert_eq!(sys.connect(fd, &name("/none")).await, Err(Errno::ENOENT));
        assert_eq!(sys.connect(fd, &name("\0abstract")).await, Err(Errno::ECONNREFUSED));
        assert_eq!(sys.bind(fd, &name("/sock")), Err(Errno::EADDRINUSE));
        sys.unlink("/sock").unwrap();
        assert_eq!(sys.bind(fd, &name("/sock")), Ok(()));
    });
}

#[test]
fn pairs_push_back_and_hang_up() {
    let lab = Lab::new();
    lab.run(HOST, |sys| async move {
        let (a, b) = sys.socketpair().unwrap();
        sys.set_nonblocking(a, true).unwrap();
        let mut sent = 0;
        while let Ok(n) = sys.write(a, &[0; 10_000]).await {
            sent += n;
        }
        assert_eq!(sent, super::super::unix::CAPACITY);
        assert!(!sys.ready(a).unwrap().writable);
        let mut left = sent;
        while left > 0 {
            left -= sys.read_vec(b, 8192).await.unwrap().len();
        }
        assert!(sys.ready(a).unwrap().writable);
        sys.write(a, b"unread").await.unwrap();
        sys.close(b).unwrap();
        assert!(sys.ready(a).unwrap().hangup);
        assert_eq!(sys.read_vec(a, 1).await, Err(Errno::ECONNRESET));
        assert_eq!(sys.read_vec(a, 1).await, Ok(vec![]));
        sys.sigaction(crate::Signal::PIPE, crate::process::Disposition::Ignore).unwrap();
        assert_eq!(sys.write(a, b"x").await, Err(Errno::EPIPE));
    });
}

#[test]
fn a_loop_that_never_waits_gives_way() {
    let lab = Lab::new();
    lab.spawn(HOST, |sys| async move {
        let (a, b) = sys.socketpair().unwrap();
        while sys.write(a, b"x").await.is_ok() && sys.read_vec(b, 1).await.is_ok() {}
    });
    let (slept, time) = lab.run(HOST, |sys| async move { sys.sleep(Duration::from_millis(500)).await });
    assert_eq!(slept, Ok(()));
    assert!(time < Duration::from_millis(510), "{time:?}");
}
