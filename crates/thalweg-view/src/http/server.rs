//! Connections: one thread each, few at a time.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::incoming::Incoming;
use super::{Body, Head, Refusal, Response};

/// The most connections at a time: a browser opens six.
const CONNECTIONS: usize = 32;
/// The longest that a client may take to read a reply.
const WRITING: Duration = Duration::from_secs(10);

/// What a server answers.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Whether a request with this head is answered at all; its body is not read yet.
    fn admit(&self, head: &Head) -> Result<(), Refusal>;

    /// The answer to an admitted request.
    fn answer(&self, head: &Head, body: &[u8]) -> Result<Body, Refusal>;
}

/// Answers the connections of a listener for as long as the process lives.
pub(crate) fn serve(listener: &TcpListener, handler: &Arc<impl Handler>) -> ! {
    // Each connection has a clone of it.
    let open = Arc::new(());
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            // The client is gone again, or the process has no more files for the moment.
            Err(_) => {
                thread::sleep(Duration::from_millis(10));
                continue;
            }
        };
        if Arc::strong_count(&open) > CONNECTIONS {
            let busy = Refusal::new(503, "too many connections at a time");
            send(&stream, &busy.into()).ok();
            continue;
        }
        let (handler, place) = (handler.clone(), open.clone());
        let thread = thread::Builder::new().name("view-connection".to_owned());
        let started = thread.spawn(move || {
            connection(&stream, &*handler);
            drop(place);
        });
        // Without a thread the connection closes, and the next one may have more luck.
        drop(started);
    }
}

fn connection(stream: &TcpStream, handler: &impl Handler) {
    let mut incoming = Incoming::new(stream);
    let response = match reply(&mut incoming, handler) {
        Ok(None) => return,
        Ok(Some(body)) => body.into(),
        Err(refusal) => refusal.into(),
    };
    // A client that is gone needs no reply.
    if send(stream, &response).is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
        incoming.drain();
    }
}

fn reply(incoming: &mut Incoming<'_>, handler: &impl Handler) -> Result<Option<Body>, Refusal> {
    let Some(head) = incoming.head()? else {
        return Ok(None);
    };
    handler.admit(&head)?;
    let body = incoming.body(&head)?;
    // A request that panics must not end the page, nor keep its place among the connections.
    let answer = catch_unwind(AssertUnwindSafe(|| handler.answer(&head, &body)));
    answer
        .unwrap_or_else(|_| Err(Refusal::new(500, "the request panicked; see the terminal")))
        .map(Some)
}

fn send(mut stream: &TcpStream, response: &Response) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(WRITING))?;
    response.write(&mut stream)
}
