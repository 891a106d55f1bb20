//! Whom a client trusts, and the TLS settings that follow.

use std::{error::Error, path::PathBuf, sync::Arc};

use rustls_pki_types::{CertificateDer, pem::PemObject};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::TransportError;

/// Which certificates a server may show.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Trust {
    /// Those that the system trusts.
    #[default]
    System,
    /// Those that a certificate in this PEM file vouches for, and no others.
    File(PathBuf),
}

impl Trust {
    /// TLS settings that verify with this trust.
    pub(super) fn verified(&self) -> Result<ClientConfig, TransportError> {
        let failed = |source: Box<dyn Error + Send + Sync>| TransportError::Trust {
            path: match self {
                Self::System => None,
                Self::File(path) => Some(path.clone()),
            },
            source,
        };
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(error.into()))?;
        match self {
            Self::System => Ok(builder
                .with_platform_verifier()
                .map_err(|error| failed(error.into()))?
                .with_no_client_auth()),
            Self::File(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in
                    CertificateDer::pem_file_iter(path).map_err(|error| failed(error.into()))?
                {
                    let certificate = certificate.map_err(|error| failed(error.into()))?;
                    roots.add(certificate).map_err(|error| failed(error.into()))?;
                }
                if roots.is_empty() {
                    return Err(failed("it holds no certificate".into()));
                }
                Ok(builder.with_root_certificates(roots).with_no_client_auth())
            }
        }
    }

    /// TLS settings that trust nobody: for targets that are reached without TLS, on systems that
    /// may have no certificates at all.
    pub(super) fn nobody() -> Result<ClientConfig, TransportError> {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
            .map_err(|error| TransportError::Trust { path: None, source: error.into() })
    }
}
