//! RealNVP on two moons, trained on a device that another process, or another machine, hosts.
//!
//! Alone it hosts a device itself, on this machine's loopback. With `--host ws://MACHINE:PORT` it
//! trains on a server that runs elsewhere: `--serve PORT` is one.

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use thalweg::burn::server::{RemoteServer, WebSocketTransport};
use thalweg::burn::tensor::remote::RemoteHost;
use thalweg::data::Toy;
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg_examples::{Common, Report, mean_log_prob, run};

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Train on this server.
    #[arg(long)]
    host: Option<String>,
    /// Serve this machine's device on a port, until Ctrl-C, and train nothing. Whoever reaches the
    /// port may use the device: for networks that you trust.
    #[arg(long)]
    serve: Option<u16>,
}

const TOY: Toy = Toy::TwoMoons;
const BATCH: usize = 512;

/// The address of a server in this process.
fn serve_here(device: Device) -> Result<String, Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = format!("ws://{}", listener.local_addr()?);
    let transport = WebSocketTransport::from_listener(listener);
    thread::spawn(move || RemoteServer::new([device]).serve(transport));
    Ok(address)
}

fn remote(
    Options {
        common,
        host,
        serve,
    }: &Options,
) -> Result<(), Box<dyn Error>> {
    let hosted = common.device()?;
    if let Some(port) = serve {
        let server = RemoteServer::new([hosted.device]);
        return Ok(server.serve(WebSocketTransport::new(*port))?);
    }
    let address = match host {
        Some(address) => address.clone(),
        None => serve_here(hosted.device)?,
    };
    let device = Device::remote_options(&RemoteHost::websocket(&address)).init()?;
    let mut report = Report::start("remote", "remote");
    println!("training on {address}");

    let flow = CouplingFlowConfig::realnvp(2).with_seed(common.seed);
    let flow = flow.init(&device.clone().autodiff());
    let points = TOY.to_tensor(50 * BATCH, common.seed, &device);
    let held_out = TOY.to_tensor(5000, common.seed + 1, &device);
    let batches = Batches::new(points, BATCH, common.seed);
    let steps = common.steps(1000);
    let trained = Trainer::new(steps.div_ceil(batches.len()), 1e-3)
        .max_steps(steps)
        // A reading is a round trip to the server.
        .read_loss_every(50)
        .fit(
            flow,
            SingleGradient::new(Euler::new(Adam::default()).init()),
            &Data::train(|epoch| batches.epoch(epoch)),
            |flow: &CouplingFlow, x, _| flow.loss(x),
            &mut ProgressBar::new(),
        );
    report.outcome(&trained.outcome);
    // The last weights: of training losses alone the lowest is the luckiest.
    let flow = trained.model.valid();
    trained.finish()?;
    let (nats, error) = mean_log_prob(held_out, |x| flow.log_prob(x))?;
    println!(
        "held out: {nats:.4} ± {error:.4} nats; exact entropy {:.4}",
        TOY.entropy()
    );
    report.set("steps", steps);
    report.set("nats", nats);
    report.finish(common, "remote");
    Ok(())
}

fn main() -> ExitCode {
    run(|| remote(&Options::parse()))
}
