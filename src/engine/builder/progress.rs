//! The builder's progress, as the client shows it.

use std::rc::Rc;

use docker_api::types::{
    BuildResult, BuildSource, IMAGE_ID, JsonMessage, OUTPUT_ID, SOURCE_ID, SolveStatus, TRACE_ID, Vertex, VertexLog,
    VertexStatus, VertexWarning,
};
use serde::Serialize;

use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::http::Reply;
use crate::ids::digest;

/// Sends the progress of one build.
pub struct Progress<'a> {
    d: Rc<Daemon>,
    reply: &'a mut Reply,
    count: u64,
}

/// So many bytes of files go in one message.
const PIECE: usize = 48 * 1024;

impl<'a> Progress<'a> {
    /// Begins the stream.
    pub async fn open(d: &Rc<Daemon>, reply: &'a mut Reply) -> ApiResult<Progress<'a>> {
        reply.stream(docker_api::http::JSON).await?;
        Ok(Progress { d: d.clone(), reply, count: 0 })
    }

    /// Now, nanoseconds since 1970.
    pub fn now(&self) -> i64 {
        self.d.sys.wall_clock().0
    }

    async fn message<T: Serialize>(&mut self, id: &str, aux: &T) -> ApiResult<()> {
        let aux = serde_json::to_value(aux).ok();
        let message = JsonMessage { id: id.into(), aux, ..JsonMessage::default() };
        self.reply.chunk(&message.encode()).await
    }

    async fn send(&mut self, status: SolveStatus) -> ApiResult<()> {
        self.message(TRACE_ID, &status).await
    }

    async fn vertex(&mut self, vertex: &Vertex) -> ApiResult<()> {
        self.send(SolveStatus { vertexes: vec![vertex.clone()], ..SolveStatus::default() }).await
    }

    /// A step that begins. The first one is announced before: a client shows the build from that moment on.
    pub async fn start(&mut self, name: &str) -> ApiResult<Vertex> {
        self.count += 1;
        let digest = digest(format!("{} {name} {}", self.count, self.now()).as_bytes());
        let mut vertex = Vertex { digest, name: name.into(), ..Vertex::default() };
        if self.count == 1 {
            self.vertex(&vertex).await?;
        }
        vertex.started = Some(self.now());
        self.vertex(&vertex).await?;
        Ok(vertex)
    }

    /// It ended well.
    pub async fn done(&mut self, mut vertex: Vertex) -> ApiResult<()> {
        vertex.completed = Some(self.now());
        self.vertex(&vertex).await
    }

    /// Its result was known.
    pub async fn cached(&mut self, name: &str) -> ApiResult<()> {
        let mut vertex = self.start(name).await?;
        vertex.cached = true;
        self.done(vertex).await
    }

    /// It failed.
    pub async fn failed(&mut self, mut vertex: Vertex, why: &str) -> ApiResult<()> {
        vertex.error = why.into();
        self.done(vertex).await
    }

    /// Something inside a step: how much is done of how much; `over` when it ended.
    pub async fn status(
        &mut self,
        vertex: &Vertex,
        id: &str,
        current: i64,
        total: i64,
        started: i64,
        over: bool,
    ) -> ApiResult<()> {
        let now = self.now();
        let status = VertexStatus {
            id: id.into(),
            vertex: vertex.digest.clone(),
            name: id.into(),
            total,
            current,
            timestamp: now,
            started: Some(started),
            completed: over.then_some(now),
        };
        self.send(SolveStatus { statuses: vec![status], ..SolveStatus::default() }).await
    }

    /// Something inside a step that is over at once.
    pub async fn note(&mut self, vertex: &Vertex, id: &str, bytes: i64) -> ApiResult<()> {
        let now = self.now();
        self.status(vertex, id, bytes, 0, now, true).await
    }

    /// Output of a step.
    pub async fn log(&mut self, vertex: &Vertex, stream: u8, data: &[u8]) -> ApiResult<()> {
        let log = VertexLog {
            vertex: vertex.digest.clone(),
            stream,
            data: String::from_utf8_lossy(data).into_owned(),
            timestamp: self.now(),
        };
        self.send(SolveStatus { logs: vec![log], ..SolveStatus::default() }).await
    }

    /// What the checks found.
    pub async fn warn(
        &mut self,
        vertex: &Vertex,
        file: &str,
        text: &str,
        warnings: &[dockerfile::Warning],
    ) -> ApiResult<()> {
        if warnings.is_empty() {
            return Ok(());
        }
        let warnings = warnings
            .iter()
            .map(|w| VertexWarning {
                vertex: vertex.digest.clone(),
                level: 1,
                short: w.short(),
                filename: file.into(),
                source: text.into(),
                ranges: vec![w.lines],
                ..VertexWarning::default()
            })
            .collect();
        self.send(SolveStatus { warnings, ..SolveStatus::default() }).await
    }

    /// Files for the client.
    pub async fn hand_over(&mut self, archive: &[u8]) -> ApiResult<()> {
        for piece in archive.chunks(PIECE) {
            self.message(OUTPUT_ID, &crate::base64::encode(piece)).await?;
        }
        Ok(())
    }

    /// The end of a build that failed.
    pub async fn fail(&mut self, why: &str, source: Option<BuildSource>) -> ApiResult<()> {
        if let Some(source) = source {
            self.message(SOURCE_ID, &source).await?;
        }
        self.reply.chunk(&JsonMessage::error(0, why).encode()).await?;
        self.reply.finish().await
    }

    /// The end of a build that succeeded.
    pub async fn succeed(&mut self, id: &str) -> ApiResult<()> {
        self.message(IMAGE_ID, &BuildResult { id: id.into() }).await?;
        self.reply.finish().await
    }
}
