//! `thalweg-cluster`: a scheduler and executors of Apache Ballista that know thalweg's functions, and a client.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use ballista_core::error::BallistaError;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use clap::Parser;
use thalweg_datafusion::cluster;

/// Densities, p-values and samples of thalweg's models in SQL, on many machines
#[derive(Debug, Parser)]
#[command(name = "thalweg-cluster", version)]
enum Verb {
    /// Take queries and give tasks to executors
    Scheduler(ballista_scheduler::config::Config),
    /// Run tasks; `vcores` of them at a time
    Executor(ballista_executor::config::Config),
    /// Run SQL on a cluster and print the rows of the last statement
    Sql {
        /// The scheduler
        #[arg(long, default_value = "df://localhost:50050")]
        scheduler: String,
        /// Statements, one after the other
        statements: Vec<String>,
    },
}

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    // Plans are deep, and their optimizers call themselves.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(32 << 20)
        .build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(Verb::parse())),
        Err(problem) => Err(problem.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(verb: Verb) -> Result<(), Box<dyn std::error::Error>> {
    match verb {
        Verb::Scheduler(options) => {
            let address: SocketAddr =
                format!("{}:{}", options.bind_host, options.bind_port).parse()?;
            let config: Result<SchedulerConfig, BallistaError> = options.try_into();
            let config = Arc::new(cluster::scheduler(config?));
            let state = BallistaCluster::new_from_config(&config).await?;
            start_server(state, address, config).await?;
        }
        Verb::Executor(options) => {
            let config: Result<ExecutorProcessConfig, BallistaError> = options.try_into();
            let config = cluster::executor(config?)?;
            start_executor_process(Arc::new(config)).await?;
        }
        Verb::Sql {
            scheduler,
            statements,
        } => {
            let session = cluster::connect(&scheduler).await?;
            let mut last = None;
            for statement in &statements {
                // A table is created by asking for its rows.
                let rows = session.sql(statement).await?;
                last = Some(rows.collect().await?);
            }
            if let Some(batches) = last {
                println!(
                    "{}",
                    datafusion::arrow::util::pretty::pretty_format_batches(&batches)?
                );
            }
        }
    }
    Ok(())
}
