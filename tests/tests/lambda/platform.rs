//! What AWS Lambda does with a queue: a small runtime API, and an event source mapping that receives messages, invokes
//! the function with them, ends it where it takes too long, and deletes the messages that it does not report.

use std::{
    convert::Infallible,
    ops::Range,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use nada_tests::demo::nada;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
    sync::mpsc,
    task::JoinHandle,
};

use crate::world::World;

/// How the function is set up.
#[derive(Clone)]
pub struct Setup {
    /// Instances at once.
    pub concurrency: usize,
    /// Messages of one invocation at most.
    pub batch: i32,
    /// The time of each invocation of an instance; the last holds for all that follow.
    pub timeouts: Vec<Duration>,
    /// `NADA_DELIVERIES`.
    pub deliveries: u32,
    /// Ends the instance, as running out of memory would, so long after its first invocation began.
    pub kill_after: Option<Duration>,
    /// Variables beside, and instead of, those of every test.
    pub environment: Vec<(&'static str, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            concurrency: 1,
            batch: 1,
            timeouts: vec![Duration::from_secs(240)],
            deliveries: 3,
            kill_after: None,
            environment: Vec::new(),
        }
    }
}

/// One invocation, when it is over.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// When it began, and when it was over.
    pub time: Range<Instant>,
    /// The ids, bodies and receive counts of its messages.
    pub messages: Vec<(String, String, u32)>,
    /// The ids of those that failed; `None` where there was no answer.
    pub failed: Option<Vec<String>>,
}

#[derive(Default)]
struct Record {
    invocations: Mutex<Vec<Invocation>>,
    log: Mutex<Vec<String>>,
}

/// A running function; it ends when dropped.
pub struct Platform {
    record: Arc<Record>,
    instances: Vec<JoinHandle<()>>,
}

impl Drop for Platform {
    fn drop(&mut self) {
        for instance in &self.instances {
            instance.abort();
        }
    }
}

impl Platform {
    pub fn start(world: &World, setup: &Setup) -> Self {
        let record = Arc::new(Record::default());
        let instances = (0..setup.concurrency).map(|n| {
            let instance = Instance {
                sqs: world.sqs.clone(),
                queue: world.queue.clone(),
                dead: world.dead.clone(),
                environment: world.environment(),
                scratch: world.release_folder(&format!("tmp-{n}")),
                setup: setup.clone(),
                record: Arc::clone(&record),
            };
            tokio::spawn(instance.run())
        });
        Self { instances: instances.collect(), record }
    }

    /// The invocations so far.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.record.invocations.lock().unwrap().clone()
    }

    /// The invocations, once there are so many.
    pub async fn invoked(&self, times: usize) -> Vec<Invocation> {
        for _ in 0..2400 {
            let invocations = self.invocations();
            if invocations.len() >= times {
                return invocations;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{times} invocations were to come: {:?}", self.invocations());
    }

    /// The lines of the log so far.
    pub fn log(&self) -> Vec<Value> {
        let lines = self.record.log.lock().unwrap();
        lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect()
    }
}

struct Instance {
    sqs: aws_sdk_sqs::Client,
    queue: String,
    dead: String,
    environment: Vec<(String, String)>,
    scratch: PathBuf,
    setup: Setup,
    record: Arc<Record>,
}

impl Instance {
    async fn run(self) {
        let mut running = None;
        for n in 0.. {
            let messages = loop {
                let messages = self.receive().await;
                if !messages.is_empty() {
                    break messages;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            };
            let (bootstrap, events, answers) = match &mut running {
                Some(running) => running,
                none => none.insert(self.begin().await),
            };
            let began = Instant::now();
            let timeout = self.setup.timeouts[n.min(self.setup.timeouts.len() - 1)];
            let deadline = (SystemTime::now() + timeout).duration_since(UNIX_EPOCH).unwrap().as_millis();
            events.send((event(&messages), deadline.to_string())).await.unwrap();
            let limit = self.setup.kill_after.filter(|_| n == 0).unwrap_or(timeout);
            let answer = tokio::time::timeout(limit, answers.recv()).await;
            let failed = if let Ok(Some(answer)) = answer {
                let failed = answer["batchItemFailures"].as_array().unwrap_or_else(|| panic!("{answer}"));
                Some(failed.iter().map(|f| f["itemIdentifier"].as_str().unwrap().to_owned()).collect())
            } else {
                bootstrap.kill().await.unwrap();
                running = None;
                None
            };
            let keep =
                |id: &str| failed.as_ref().is_none_or(|failed: &Vec<String>| failed.iter().any(|f| f == id));
            for message in messages.iter().filter(|m| !keep(m.message_id().unwrap())) {
                let delete = self.sqs.delete_message().queue_url(&self.queue);
                delete.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
            }
            let received =
                |m: &Message| (m.message_id.clone().unwrap(), m.body.clone().unwrap(), receives(m));
            let time = began..Instant::now();
            let invocation = Invocation { time, messages: messages.iter().map(received).collect(), failed };
            self.record.invocations.lock().unwrap().push(invocation);
        }
    }

    async fn receive(&self) -> Vec<Message> {
        let receive = self.sqs.receive_message().queue_url(&self.queue);
        let receive = receive.max_number_of_messages(self.setup.batch);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
        receive.send().await.unwrap().messages.unwrap_or_default()
    }

    /// Starts the function under a runtime API of its own.
    async fn begin(&self) -> (Child, mpsc::Sender<(String, String)>, mpsc::Receiver<Value>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = listener.local_addr().unwrap().to_string();
        let (events, pending) = mpsc::channel(1);
        let (answer, answers) = mpsc::channel(1);
        tokio::spawn(runtime_api(listener, pending, answer));
        let mut bootstrap = Command::new(nada().unwrap().with_file_name("bootstrap"))
            .env_clear()
            .envs(self.environment.iter().cloned())
            .env("AWS_LAMBDA_RUNTIME_API", api)
            .env("AWS_LAMBDA_FUNCTION_NAME", "packager")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "packager")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "one")
            .env("NADA_RELEASES_BUCKET", "releases")
            .env("NADA_QUEUE_URL", &self.queue)
            .env("NADA_DEAD_LETTERS_URL", &self.dead)
            .env("NADA_DELIVERIES", self.setup.deliveries.to_string())
            .env("NADA_RETRY_SECONDS", "2")
            .env("TMPDIR", &self.scratch)
            .envs(self.setup.environment.iter().map(|(name, value)| (*name, value)))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(bootstrap.stdout.take().unwrap()).lines();
        let record = Arc::clone(&self.record);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                record.log.lock().unwrap().push(line);
            }
        });
        (bootstrap, events, answers)
    }
}

fn receives(message: &Message) -> u32 {
    let attributes = message.attributes().unwrap();
    attributes[&MessageSystemAttributeName::ApproximateReceiveCount].parse().unwrap()
}

/// The event of a batch, as the service sends it.
fn event(messages: &[Message]) -> String {
    let record = |message: &Message| {
        json!({ "messageId": message.message_id(), "receiptHandle": message.receipt_handle(),
            "body": message.body(), "attributes": { "ApproximateReceiveCount": receives(message).to_string() },
            "messageAttributes": {}, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:ap-south-1:123456789012:packager", "awsRegion": "ap-south-1" })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() }).to_string()
}

/// The runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) for one instance.
async fn runtime_api(
    listener: TcpListener,
    pending: mpsc::Receiver<(String, String)>,
    answers: mpsc::Sender<Value>,
) {
    let pending = Arc::new(tokio::sync::Mutex::new(pending));
    while let Ok((stream, _)) = listener.accept().await {
        let (pending, answers) = (Arc::clone(&pending), answers.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let (pending, answers) = (Arc::clone(&pending), answers.clone());
            async move { Ok::<_, Infallible>(respond(request, &pending, &answers).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new();
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
    }
}

async fn respond(
    request: Request<Incoming>,
    pending: &tokio::sync::Mutex<mpsc::Receiver<(String, String)>>,
    answers: &mpsc::Sender<Value>,
) -> Response<Full<Bytes>> {
    if request.uri().path().ends_with("/invocation/next") {
        let Some((event, deadline)) = pending.lock().await.recv().await else { std::future::pending().await };
        let arn = "arn:aws:lambda:ap-south-1:123456789012:function:packager";
        return Response::builder()
            .header("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000000")
            .header("Lambda-Runtime-Deadline-Ms", deadline)
            .header("Lambda-Runtime-Invoked-Function-Arn", arn)
            .body(Full::from(event))
            .unwrap();
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let _ = answers.send(serde_json::from_slice(&body).unwrap()).await;
    Response::builder().status(202).body(Full::default()).unwrap()
}
