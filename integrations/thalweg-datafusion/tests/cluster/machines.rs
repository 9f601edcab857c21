//! The processes of a cluster on this machine.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A scheduler and two executors of a task at a time. They end with the test.
pub(crate) struct Machines {
    port: u16,
    folder: PathBuf,
    scheduler: Child,
    executors: Vec<Child>,
}

/// A port that nobody listens at.
fn free() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn start(folder: &Path, name: &str, args: &[String]) -> Child {
    let log = File::create(folder.join(format!("{name}.log"))).unwrap();
    Command::new(env!("CARGO_BIN_EXE_thalweg-cluster"))
        .args(args)
        .env("RUST_LOG", "info")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

impl Machines {
    pub(crate) fn start(folder: &Path) -> Self {
        let port = free();
        let line = format!(
            "scheduler --bind-host 127.0.0.1 --external-host 127.0.0.1 --bind-port {port} \
             --executor-timeout-seconds 6 --expire-dead-executor-interval-seconds 1"
        );
        let scheduler = start(folder, "scheduler", &words(&line));
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut this = Self {
            port,
            folder: folder.to_owned(),
            scheduler,
            executors: vec![],
        };
        for index in 0..2 {
            let [flight, grpc, health] = [free(), free(), free()];
            let work = this.work(index);
            fs::create_dir_all(&work).unwrap();
            let line = format!(
                "executor --scheduler-host 127.0.0.1 --scheduler-port {port} --bind-host 127.0.0.1 \
                 --external-host 127.0.0.1 --bind-port {flight} --bind-grpc-port {grpc} --bind-health-port {health} \
                 --vcores 1 --executor-heartbeat-interval-seconds 1 --scheduler-connect-timeout-seconds 30"
            );
            let mut args = words(&line);
            args.extend(["--work-dir".to_owned(), work.display().to_string()]);
            this.executors
                .push(start(folder, &format!("executor-{index}"), &args));
        }
        this
    }

    pub(crate) fn url(&self) -> String {
        format!("df://127.0.0.1:{}", self.port)
    }

    /// The folder where an executor keeps the results of its tasks.
    fn work(&self, index: usize) -> PathBuf {
        self.folder.join(format!("work-{index}"))
    }

    /// Waits until an executor holds at least `files` files of results.
    pub(crate) async fn wait_for_results(&mut self, index: usize, files: usize) {
        while count(&self.work(index)) < files {
            let ended = self.executors[index].try_wait().unwrap();
            assert!(ended.is_none(), "the executor ended: {ended:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kills an executor, which has no chance to say so.
    pub(crate) fn kill(&mut self, index: usize) {
        self.executors[index].kill().unwrap();
        self.executors[index].wait().unwrap();
        // Its disk goes with its machine.
        fs::remove_dir_all(self.work(index)).unwrap();
    }
}

/// The files in a folder and in all below.
fn count(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .map(|path| if path.is_dir() { count(&path) } else { 1 })
        .sum()
}

impl Drop for Machines {
    fn drop(&mut self) {
        for child in self.executors.iter_mut().chain([&mut self.scheduler]) {
            child.kill().ok();
            child.wait().ok();
        }
        if std::thread::panicking() {
            for name in ["scheduler", "executor-0", "executor-1"] {
                let log = fs::read_to_string(self.folder.join(format!("{name}.log")));
                let log = log.unwrap_or_default();
                let lines: Vec<&str> = log.lines().rev().take(30).collect();
                eprintln!(
                    "the end of the log of {name}, backwards:\n{}",
                    lines.join("\n")
                );
            }
        }
    }
}
