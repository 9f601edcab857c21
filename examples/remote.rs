//! RealNVP on two moons, trained on a device that another process, or another machine, hosts.
//!
//! Without flags it hosts a device itself, on this machine's loopback. With `--host ws://MACHINE:PORT` it
//! trains on a server elsewhere; `--serve PORT` is such a server.

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use thalweg::burn::server::{RemoteServer, WebSocketTransport};
use thalweg::burn::tensor::remote::RemoteHost;
use thalweg::data::Toy;
use thalweg::models::held_out::Estimate;
use thalweg::prelude::*;
use thalweg_examples::{Common, run};

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Train on this server.
    #[arg(long)]
    host: Option<String>,
    /// Serve this machine's device on a port until Ctrl-C, and train nothing. Everyone who reaches the
    /// port may use the device, so serve on networks that you trust.
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
    let example = common.start_on("remote", device.clone(), "remote")?;
    println!("training on {address}");

    let flow = CouplingFlowConfig::realnvp(2).with_seed(common.seed);
    let flow = flow.init(&example.autodiff());
    let points = TOY.to_tensor(50 * BATCH, common.seed, &device);
    let held_out = TOY.to_tensor(5000, common.seed + 1, &device);
    let batches = Batches::new(points, BATCH, common.seed);
    let trained = Trainer::annealed(example.steps(1000), 1e-3)
        // A reading is a round trip to the server.
        .read_loss_every(50)
        .fit(
            flow,
            SingleGradient::adam(),
            &Data::train(|epoch| batches.epoch(epoch)),
            |flow: &CouplingFlow, x, _| flow.loss(x),
            &mut ProgressBar::new(),
        );
    example.trained(&trained);
    // The last weights: the epoch with the lowest training loss is the luckiest, not the best.
    let flow = trained.model.valid();
    trained.finish()?;
    let nats = Estimate::of(&flow.log_probs(&held_out, 1000)?);
    println!("held out: {nats:.4} nats");
    println!("exact entropy: {:.4} nats", TOY.entropy());
    example.set("nats", nats.mean);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| remote(&Options::parse()))
}
