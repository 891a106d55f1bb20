//! Files on their way down (`WebIM.utils.download`, heading 处理消息).

use bytes::Bytes;
use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE, LOCATION},
};

use super::{
    Progress, Reply, Rest,
    transfer::{Gauge, unhurried},
};
use crate::{
    client::{ClientError, Span},
    protocol::{escape::Excerpt, secret::Secret, time::Moment},
};

/// Largest file that is read, bytes.
const MAX_FILE: usize = 64 * 1024 * 1024;
/// Redirects that are followed: `em-redirect` sends a page to where the file is stored.
const MAX_REDIRECTS: usize = 3;

/// What errors call the request: its query has the share-secret, and what a server calls the file is
/// of no use to anybody.
const REQUEST: &str = "GET of a file";

/// A file to download.
#[derive(Clone, Debug)]
pub struct Downloading<'a> {
    /// Its address, as a message's `url` has it.
    pub url: &'a str,
    /// Its share-secret, where the address does not have it.
    pub secret: Option<&'a Secret>,
    /// Which form of it.
    pub rendition: Rendition,
}

/// Which form of a file is asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Rendition {
    /// The file as it was uploaded.
    #[default]
    Original,
    /// A small picture of it.
    Thumbnail,
}

/// What came for a file.
#[derive(Debug)]
pub enum Fetched {
    /// The file.
    File(Downloaded),
    /// A refusal, or anything else that is no file.
    Refused(Reply),
}

/// A file that came.
#[derive(Clone, Debug)]
pub struct Downloaded {
    /// Its media type, as the server says; empty if it does not.
    pub content_type: String,
    /// What is in it.
    pub bytes: Bytes,
    /// When it was asked for, and when its last byte was read.
    pub span: Span,
}

impl Rest {
    /// Downloads a file of this server with a user's token. A redirect is followed as a browser does,
    /// without the token and the share-secret where it leads to another server.
    ///
    /// It may take as long as it makes progress: the patience of other calls is how long nothing moves.
    ///
    /// # Errors
    /// [`ClientError::Misuse`] for the address of another server, and what keeps the call from being
    /// answered, as of [`Rest::call`], with how much came; a refusal is an answer.
    pub async fn download(
        &self,
        token: &Secret,
        file: &Downloading<'_>,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Fetched, ClientError> {
        let gauge = Gauge::new(0);
        let tell = |made| {
            gauge.read(made);
            progress(made);
        };
        let fetched = self.fetched(token, file, tell);
        gauge.watch(fetched, self.patience, REQUEST, "received").await
    }

    async fn fetched(
        &self,
        token: &Secret,
        file: &Downloading<'_>,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Fetched, ClientError> {
        let mut url = self.own(file.url)?;
        let request = REQUEST.to_owned();
        let started = self.clock.now();
        let home = url.origin();
        for _ in 0..=MAX_REDIRECTS {
            let mut call = self
                .http
                .request(Method::GET, url.clone())
                .header(ACCEPT, "application/octet-stream")
                .header("X-Requested-With", "XMLHttpRequest")
                .timeout(unhurried(self.patience));
            if url.origin() == home {
                call = signed(call, token, file);
            }
            let reply = call.send().await.map_err(|error| self.failed(error, &request, None))?;
            progress(Progress { loaded: 0, total: announced(&reply).unwrap_or_default() });
            if reply.status() == StatusCode::OK {
                return self.taken(reply, request, started, progress).await.map(Fetched::File);
            }
            if !reply.status().is_redirection() {
                return self.read(reply, request, Some(token), started).await.map(Fetched::Refused);
            }
            url = next(&url, &reply, &request)?;
        }
        Err(ClientError::Misbehaved {
            request,
            expected: "a file after three redirects at most",
            got: "one more redirect".to_owned(),
        })
    }

    /// The address, if it is one of this server.
    fn own(&self, url: &str) -> Result<Url, ClientError> {
        let home = Url::parse(&self.base.api_url).ok();
        let parsed = Url::parse(url).ok().filter(|url| Some(url.origin()) == home.as_ref().map(Url::origin));
        parsed.ok_or_else(|| {
            let shown = Excerpt(url.split('?').next().unwrap_or_default().as_bytes()).to_string();
            ClientError::Misuse {
                problem: format!("{shown} is no file of this server, and files of others are not fetched"),
            }
        })
    }

    async fn taken(
        &self,
        mut reply: Response,
        request: String,
        started: Moment,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Downloaded, ClientError> {
        let too_long = |got: String| ClientError::Misbehaved {
            request: request.clone(),
            expected: "a file of at most 64 MiB",
            got,
        };
        let announced = announced(&reply);
        if let Some(size) = announced.filter(|size| *size > MAX_FILE) {
            return Err(too_long(format!("{size} bytes announced")));
        }
        let total = announced.unwrap_or_default();
        let status = reply.status().as_u16();
        let content_type = reply.headers().get(CONTENT_TYPE).map(|value| value.as_bytes().to_vec());
        let mut bytes = Vec::new();
        while let Some(chunk) =
            reply.chunk().await.map_err(|error| self.failed(error, &request, Some(status)))?
        {
            if bytes.len() + chunk.len() > MAX_FILE {
                return Err(too_long("more".to_owned()));
            }
            // Twice as much each time, and never room for more than a file may have. What is announced
            // need not be true.
            if bytes.capacity() - bytes.len() < chunk.len() {
                bytes.reserve_exact(chunk.len().max(bytes.len().min(MAX_FILE - bytes.len())));
            }
            bytes.extend_from_slice(&chunk);
            progress(Progress { loaded: bytes.len(), total });
        }
        Ok(Downloaded {
            content_type: String::from_utf8_lossy(&content_type.unwrap_or_default()).into_owned(),
            bytes: bytes.into(),
            span: Span { started, ended: self.clock.now() },
        })
    }
}

/// How large the server says that the file is.
fn announced(reply: &Response) -> Option<usize> {
    usize::try_from(reply.content_length()?).ok()
}

fn signed(call: RequestBuilder, token: &Secret, file: &Downloading<'_>) -> RequestBuilder {
    let mut call = call.bearer_auth(token.reveal());
    if let Some(secret) = file.secret {
        call = call.header("share-secret", secret.reveal());
    }
    match file.rendition {
        Rendition::Original => call,
        Rendition::Thumbnail => call.header("thumbnail", "true"),
    }
}

/// Where a redirect leads, if a browser would go there.
fn next(from: &Url, reply: &Response, request: &str) -> Result<Url, ClientError> {
    let location = reply.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let to = location.and_then(|location| from.join(location).ok());
    let safe = to.filter(|to| to.scheme() == "https" || (to.scheme() == "http" && from.scheme() == "http"));
    safe.ok_or_else(|| ClientError::Redirected {
        request: request.to_owned(),
        status: reply.status().as_u16(),
        to: Excerpt(location.unwrap_or_default().split('?').next().unwrap_or_default().as_bytes())
            .to_string(),
    })
}
