//! Operations that are not fused say so.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_kernels::{Activation, Dense, dense};
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The debug messages of two calls of a network with this many layers.
fn messages(device: &Device, dtype: DType, layers: usize) -> String {
    let layer = || Dense {
        weight: Tensor::ones([2, 2], (device, dtype)),
        bias: Some(Tensor::ones([2], (device, dtype))),
    };
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..2 {
            let x = Tensor::ones([1, 2], (device, dtype));
            let layers = (0..layers).map(|_| layer()).collect();
            dense(x, layers, Activation::Relu, None);
        }
    });
    let bytes = log.0.lock().expect("no panic").clone();
    String::from_utf8(bytes).expect("text")
}

#[test]
fn they_say_so_once() {
    for device in cpu_devices() {
        assert_eq!(messages(&device, DType::F32, 128), "");
    }
    let device = cpu_devices().swap_remove(0);
    for (dtype, layers, reason) in [
        (DType::F32, 129, "more than 256 weights and biases"),
        (DType::F64, 1, "the tensors are not f32"),
    ] {
        let messages = messages(&device, dtype, layers);
        assert_eq!(messages.matches(reason).count(), 1, "{messages}");
    }
}
