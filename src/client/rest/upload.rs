//! Files on their way up (heading 发送附件消息).

use bytes::Bytes;
use futures_util::stream;
use reqwest::{
    Body, Method,
    multipart::{Form, Part},
};
use serde_json::Value;

use super::{
    Reply, Rest,
    transfer::{Gauge, unhurried},
};
use crate::{client::ClientError, protocol::secret::Secret};

/// Bytes that are handed to the connection at once; progress is told after each.
const CHUNK: usize = 64 * 1024;

/// A file to upload.
#[derive(Clone, Debug)]
pub struct Uploading<'a> {
    /// Its name; what stands behind the last dot says what it is.
    pub name: &'a str,
    /// What is in it.
    pub bytes: Bytes,
}

/// How far a transfer is (`onFileUploadProgress`, `onFileDownloadProgress`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Bytes that were handed to the connection, or came over it.
    pub loaded: usize,
    /// Bytes of the whole file; 0 if the server does not say.
    pub total: usize,
}

/// Where an uploaded file is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Uploaded {
    /// `uri` of the reply and the file's uuid: the `url` of a message.
    pub url: String,
    /// The uuid alone.
    pub uuid: String,
    /// The share-secret.
    pub secret: Secret,
}

impl Uploaded {
    /// Reads the reply to an upload as the SDK does.
    ///
    /// # Errors
    /// What [`Reply::success`] says, and [`ClientError::Misbehaved`] for a success that does not say
    /// where the file is.
    pub fn of(reply: Reply) -> Result<Self, ClientError> {
        let reply = reply.success()?;
        let entity = &reply.body["entities"][0];
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let said = (text(&reply.body["uri"]), text(&entity["uuid"]), text(&entity["share-secret"]));
        let (Some(uri), Some(uuid), Some(secret)) = said else {
            return Err(ClientError::Misbehaved {
                // Not its text, which may hold the share-secret.
                got: if reply.body.is_object() { "an object without them" } else { reply.kind() }.to_owned(),
                request: reply.request,
                expected: "a uri, and an entity with a uuid and a share-secret",
            });
        };
        Ok(Self { url: format!("{uri}/{uuid}"), uuid, secret: Secret::new(secret) })
    }
}

impl Rest {
    /// Uploads a file as a browser's form does: to `/chatfiles`, or to a group's or room's
    /// `share_files`. Only who knows its share-secret can download it.
    ///
    /// It may take as long as it makes progress: the patience of other calls is how long nothing moves.
    ///
    /// # Errors
    /// What keeps the call from being answered, as of [`Rest::call`], with how much went; a refusal is
    /// a [`Reply`].
    pub async fn upload(
        &self,
        path: &str,
        token: &Secret,
        file: &Uploading<'_>,
        mut progress: impl FnMut(Progress) + Send + Sync + 'static,
    ) -> Result<Reply, ClientError> {
        let url = self.base.join(path)?;
        let request = format!("POST {}", self.base.shown(&url));
        let length = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        // A browser writes these three so, and nothing else otherwise.
        let name = file.name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let gauge = Gauge::new(file.bytes.len());
        let tell = {
            let gauge = gauge.clone();
            move |made| {
                gauge.read(made);
                progress(made);
            }
        };
        let part = Part::stream_with_length(told(file.bytes.clone(), tell), length).file_name(name);
        let part =
            part.mime_str(media_type(file.name)).map_err(|error| self.failed(error, &request, None))?;
        let call = self
            .http
            .request(Method::POST, url)
            .bearer_auth(token.reveal())
            .header("restrict-access", "true")
            .timeout(unhurried(self.patience))
            .multipart(Form::new().part("file", part));
        let answered = self.answered(call, request.clone(), Some(token));
        gauge.watch(answered, self.patience, &request, "sent").await
    }
}

/// What a browser says of a file with that name.
fn media_type(name: &str) -> &'static str {
    mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream")
}

/// The bytes as a body that tells how much of it was taken.
fn told(bytes: Bytes, mut progress: impl FnMut(Progress) + Send + Sync + 'static) -> Body {
    let total = bytes.len();
    let chunks = stream::unfold((bytes, 0), move |(mut rest, loaded)| {
        if loaded > 0 {
            progress(Progress { loaded, total });
        }
        let chunk = rest.split_to(rest.len().min(CHUNK));
        let loaded = loaded + chunk.len();
        async move { (!chunk.is_empty()).then(|| (Ok::<_, std::convert::Infallible>(chunk), (rest, loaded))) }
    });
    Body::wrap_stream(chunks)
}
