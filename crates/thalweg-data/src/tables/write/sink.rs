//! Where a table's bytes go: files, plain or compressed, and streams.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// What is written to.
pub(super) enum Sink {
    /// The standard output, a socket.
    Stream(Box<dyn Write>),
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(Frames),
}

impl Sink {
    pub(super) fn plain(path: &Path) -> io::Result<Self> {
        Ok(Self::Plain(BufWriter::new(File::create(path)?)))
    }

    pub(super) fn gzip(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        Ok(Self::Gzip(GzEncoder::new(file, Compression::default())))
    }

    pub(super) fn zstd(path: &Path) -> io::Result<Self> {
        Ok(Self::Zstd(Frames {
            file: File::create(path)?,
            bytes: Vec::new(),
            begun: false,
        }))
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Stream(mut stream) => stream.flush(),
            Self::Plain(mut file) => file.flush(),
            Self::Gzip(encoder) => encoder.finish()?.flush(),
            Self::Zstd(mut frames) => match frames.bytes.is_empty() && frames.begun {
                true => Ok(()),
                false => frames.end(),
            },
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stream) => stream.write(bytes),
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(frames) => frames.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(stream) => stream.flush(),
            Self::Plain(file) => file.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(frames) => frames.file.flush(),
        }
    }
}

/// A file of Zstandard's frames, one after the other.
pub(super) struct Frames {
    file: File,
    /// What the next frame will hold.
    bytes: Vec<u8>,
    begun: bool,
}

/// The content of a frame.
const FRAME: usize = 1 << 22;

impl Frames {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= FRAME {
            self.end()?;
        }
        Ok(bytes.len())
    }

    fn end(&mut self) -> io::Result<()> {
        let frame = compress_to_vec(self.bytes.as_slice(), CompressionLevel::Fastest);
        self.bytes.clear();
        self.begun = true;
        self.file.write_all(&frame)
    }
}
