//! Files: the verbs `upload` and `download`, and the first half of a message that carries one.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::{
    cast::Cast,
    evidence::{Line, excerpt},
    member::Member,
    reply::{Asked, Wanted, succeeded},
    setback::Setback,
    stage::Frame,
};
use crate::{
    client::{ClientError, Downloaded, Downloading, Fetched, Progress, Rendition, Uploaded, Uploading},
    history::Call,
    protocol::{refusal::Subject, secret::Secret},
    scenario::{
        Value,
        model::{Download, File, Refused, Source, Upload},
        value,
    },
};

/// Where attachments go.
const ATTACHMENTS: &str = "/chatfiles";

impl Cast {
    pub(super) async fn upload(
        &self,
        member: &Arc<Member>,
        upload: &Upload,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let wanted = Wanted { success: "the file is uploaded", status: upload.status, refused };
        let name = upload.file.name.render(&frame.scope)?;
        let asked = member
            .upload(&name, upload.file.bytes.clone(), within)
            .await
            .map_err(|error| wanted.unanswered(&error))?;
        if let Some(refusal) = wanted.judge(&asked)? {
            return Ok(value(&refusal));
        }
        let uploaded = member.uploaded(asked).map_err(|error| wanted.unanswered(&error))?;
        let mut bound = succeeded();
        bound.extend([
            ("url".to_owned(), uploaded.url.into()),
            ("uuid".to_owned(), uploaded.uuid.into()),
            ("secret".to_owned(), uploaded.secret.reveal().into()),
            ("filename".to_owned(), (*name).into()),
        ]);
        Ok(value(&bound))
    }

    pub(super) async fn download(
        &self,
        member: &Arc<Member>,
        download: &Download,
        refused: Option<Refused>,
        within: Duration,
        frame: &Frame,
    ) -> Result<Value, Setback> {
        let wanted = Wanted { success: "the file comes", status: download.status, refused };
        let place = place(&download.source, frame)?;
        if let Some(secret) = &place.secret {
            member.ledger().keep_secret(secret);
        }
        let file = Downloading {
            url: &place.url,
            secret: place.secret.as_ref(),
            rendition: if download.thumbnail { Rendition::Thumbnail } else { Rendition::Original },
        };
        let fetched = member.download(&file, within).await.map_err(|error| wanted.unanswered(&error))?;
        let came = match fetched {
            Ended::Came(came) => came,
            Ended::Refused(asked) => {
                return wanted.judge(&asked).map(|refusal| value(&refusal.unwrap_or_default()));
            }
        };
        if refused.is_some() || download.status.is_some_and(|status| status != 200) {
            return Err(wanted.missed("it came"));
        }
        if let Some(file) = &download.same_as {
            same(&came, file)?;
        }
        let mut bound = succeeded();
        bound.extend(described(&came));
        Ok(value(&bound))
    }
}

/// How a download ended.
enum Ended {
    Came(Downloaded),
    Refused(Box<Asked>),
}

impl Member {
    /// Uploads a file as an attachment.
    pub(super) async fn upload(
        &self,
        name: &str,
        bytes: Bytes,
        within: Duration,
    ) -> Result<Asked, ClientError> {
        let total = bytes.len();
        let client = self.client().ok_or_else(|| self.not_logged_in())?;
        let operation = self.ledger().invoke(self.role.session, self.ledger().clock().now(), Call::Rest);
        let far = Far::default();
        let uploading = Uploading { name, bytes };
        let uploaded = client.upload(ATTACHMENTS, &uploading, far.clone().reader());
        let what = || format!("the reply to an upload ({} sent)", far.shown());
        let reply = self.waited_for_what(operation, uploaded, within, what).await?;
        let text = format!("uploaded {} ({total} bytes): status {}", excerpt(name), reply.status);
        self.ledger().note_at(reply.span.started, Line::Said { who: Arc::clone(&self.role.label), text });
        Ok(self.asked(operation, reply, Subject::Upload))
    }

    /// Where the file is that was uploaded; in the books as a success.
    pub(super) fn uploaded(&self, asked: Asked) -> Result<Uploaded, ClientError> {
        let (span, operation) = (asked.reply.span, asked.operation);
        let uploaded = Uploaded::of(asked.reply);
        match &uploaded {
            Ok(uploaded) => {
                self.ledger().keep_secret(&uploaded.secret);
                self.ledger().took(|metrics| metrics.upload, span);
                self.ledger().ok(self.role.session, span.ended, operation);
            }
            Err(_) => {
                let unknown = crate::history::Unknown::Disconnected;
                self.ledger().unknown(self.role.session, span.ended, operation, unknown);
            }
        }
        uploaded
    }

    async fn download(&self, file: &Downloading<'_>, within: Duration) -> Result<Ended, ClientError> {
        let client = self.client().ok_or_else(|| self.not_logged_in())?;
        let operation = self.ledger().invoke(self.role.session, self.ledger().clock().now(), Call::Rest);
        let who = || Arc::clone(&self.role.label);
        let far = Far::default();
        let downloaded = client.download(file, far.clone().reader());
        let what = || format!("the whole of a download ({} received)", far.shown());
        match self.waited_for_what(operation, downloaded, within, what).await? {
            Fetched::File(came) => {
                let text = format!("downloaded {} bytes", came.bytes.len());
                self.ledger().note_at(came.span.started, Line::Said { who: who(), text });
                self.ledger().took(|metrics| metrics.download, came.span);
                self.ledger().ok(self.role.session, came.span.ended, operation);
                Ok(Ended::Came(came))
            }
            Fetched::Refused(reply) => {
                let text = format!("asked for a file: status {}", reply.status);
                self.ledger().note_at(reply.span.started, Line::Said { who: who(), text });
                Ok(Ended::Refused(Box::new(self.asked(operation, reply, Subject::Download))))
            }
        }
    }
}

/// How far a transfer is.
#[derive(Clone, Default)]
struct Far(Arc<Mutex<Progress>>);

impl Far {
    fn reader(self) -> impl FnMut(Progress) + Send + Sync + 'static {
        move |progress| *self.0.lock().unwrap_or_else(PoisonError::into_inner) = progress
    }

    fn shown(&self) -> String {
        let Progress { loaded, total } = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if total == 0 { format!("{loaded} bytes") } else { format!("{loaded} of {total} bytes") }
    }
}

/// Where a file is.
struct Place {
    url: String,
    secret: Option<Secret>,
}

fn place(source: &Source, frame: &Frame) -> Result<Place, Setback> {
    let (url, secret) = match source {
        Source::Url { url, secret } => {
            let secret = secret.as_ref().map(|secret| secret.render(&frame.scope)).transpose()?;
            (url.render(&frame.scope)?.into_owned(), secret.map(std::borrow::Cow::into_owned))
        }
        Source::Message(expression) => {
            let message = expression.evaluate(&frame.scope)?;
            let text = |key: &str| {
                let field = message.get_attr(key).ok()?;
                field.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
            };
            let url = text("url").ok_or_else(|| {
                let expected = format!("`{}` is a message with a file", expression.text());
                Setback::script(expected, "it has no `url`")
            })?;
            (url, text("secret"))
        }
    };
    Ok(Place { url, secret: secret.map(Secret::new) })
}

/// # Errors
/// The setback of a download that gave other bytes.
fn same(came: &Downloaded, file: &File) -> Result<(), Setback> {
    if came.bytes == file.bytes {
        return Ok(());
    }
    let expected = format!("the {} bytes of {}", file.bytes.len(), excerpt(file.name.text()));
    let first = came.bytes.iter().zip(&file.bytes).position(|(came, wanted)| came != wanted);
    let observed = match first {
        Some(at) => format!("{} bytes, which differ from byte {at} on", came.bytes.len()),
        None => format!("{} bytes, of which the common ones are the same", came.bytes.len()),
    };
    Err(Setback::target(expected, observed))
}

fn described(came: &Downloaded) -> Map<String, Json> {
    let sha256 = Sha256::digest(&came.bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let fields = json!({"bytes": came.bytes.len(), "sha256": sha256, "type": came.content_type});
    match fields {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}
