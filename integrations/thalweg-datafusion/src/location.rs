//! Where a model is, and which version of it.

use std::fmt;

use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::path::Path;
use url::Url;

use crate::ModelError;

/// The contents of a model file: its length and the checksum of all bytes.
///
/// A plan names the contents of its models and not the time of a file, so that every machine scores with the model that the query
/// was planned with, also where each has a copy of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contents {
    bytes: u64,
    crc32: u32,
}

impl Contents {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            crc32: crc32fast::hash(bytes),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (bytes, crc32) = text.strip_prefix(CONTENTS)?.split_once('-')?;
        Some(Self {
            bytes: bytes.parse().ok()?,
            crc32: u32::from_str_radix(crc32, 16).ok()?,
        })
    }
}

/// The begin of a fragment that names contents.
const CONTENTS: &str = "contents=";

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{CONTENTS}{}-{:08x}", self.bytes, self.crc32)
    }
}

/// The place of a model, and its contents where a plan has named them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// Without a fragment.
    url: Url,
    pub(crate) contents: Option<Contents>,
}

impl Location {
    /// A path of this machine or a URL, which a plan may have given a fragment.
    pub(crate) fn parse(text: &str) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::Location {
            location: text.to_owned(),
            reason,
        };
        let mut url = match text.contains("://") {
            true => Url::parse(text).map_err(|error| wrong(error.to_string()))?,
            false => {
                let path = std::path::absolute(text).map_err(|error| wrong(error.to_string()))?;
                Url::from_file_path(path).map_err(|()| wrong("it is no path".to_owned()))?
            }
        };
        let contents = match url.fragment() {
            None => None,
            Some(fragment) => Some(Contents::parse(fragment).ok_or_else(|| {
                wrong("a URL of a model has no fragment; write `#` as %23".to_owned())
            })?),
        };
        url.set_fragment(None);
        Ok(Self { url, contents })
    }

    /// The same place with these contents.
    pub(crate) fn with_contents(&self, contents: Contents) -> Self {
        Self {
            url: self.url.clone(),
            contents: Some(contents),
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The store that has it.
    pub(crate) fn store(&self) -> Result<ObjectStoreUrl, ModelError> {
        let base = &self.url[..url::Position::BeforePath];
        ObjectStoreUrl::parse(base).map_err(|error| self.wrong(error))
    }

    /// Its path in the store.
    pub(crate) fn path(&self) -> Result<Path, ModelError> {
        Path::from_url_path(self.url.path()).map_err(|error| self.wrong(error))
    }

    fn wrong(&self, error: impl fmt::Display) -> ModelError {
        ModelError::Location {
            location: self.url.to_string(),
            reason: error.to_string(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.contents {
            None => write!(f, "{}", self.url),
            Some(contents) => write!(f, "{}#{contents}", self.url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_read_as_they_are_written() {
        let contents = Contents::of(b"model");
        for text in [
            "a b/m#1.safetensors",
            "/m.safetensors",
            "s3://bucket/m.st",
            "memory:///m",
        ] {
            let location = Location::parse(text).expect("a location");
            assert_eq!(location.contents, None);
            let named = location.with_contents(contents);
            let again = Location::parse(&named.to_string()).expect("a location");
            assert_eq!(again, named);
            assert_eq!(again.contents, Some(contents));
            assert!(again.path().expect("a path").as_ref().contains('m'));
        }
        let store = Location::parse("s3://bucket/m.st")
            .expect("a location")
            .store();
        assert_eq!(store.expect("a store").as_str(), "s3://bucket/");
        let text = Location::parse("s3://bucket/m#2")
            .expect_err("a fragment")
            .to_string();
        assert!(
            text.contains("s3://bucket/m#2") && text.contains("%23"),
            "{text}"
        );
    }
}
