"""The planned account, in moto: its users, roles, buckets and queues with the policies that the plan states."""

from __future__ import annotations

import json
import logging
import os
from contextlib import ExitStack
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.authorization import enable_iam_authentication
from moto.server import ThreadedMotoServer
from plan import resources

logging.getLogger("werkzeug").setLevel(logging.ERROR)

HOME = "ap-south-1"
RETRIES = Config(retries={"total_max_attempts": 1})
ANYBODY = {"aws_access_key_id": "admin", "aws_secret_access_key": "admin"}


def unconditional(policy: str) -> str:
    """The policy without its conditional Deny statements: moto takes every condition that it does not know as unmet, and
    an unmet one as a refusal; and a Deny with NotResource as a permission. What they say is asserted on the plan itself."""
    document = json.loads(policy)
    document["Statement"] = [
        one
        for one in document["Statement"]
        if one["Effect"] == "Allow" or not {"Condition", "NotResource"} & one.keys()
    ]
    return json.dumps(document)


class Cloud:
    """Everything is made without permissions being asked for; from `enforce` on they are."""

    def __init__(self, plan: dict) -> None:
        self.stack = ExitStack()
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        self.stack.callback(self.server.stop)
        host, port = self.server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        self.stack.callback(self.reset)
        self.buckets(plan)
        self.queues(plan)
        self.identities(plan)

    def close(self) -> None:
        self.stack.close()

    def reset(self) -> None:
        """Forgets all: what moto keeps outlives its server, and the next account starts empty."""
        with urlopen(Request(f"{self.endpoint}/moto-api/reset", method="POST")):
            pass

    def enforce(self) -> None:
        self.stack.enter_context(enable_iam_authentication())

    def client(self, service: str, credentials: dict | None = None, region: str = HOME):
        """A client that does not try again."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            config=RETRIES,
            **(credentials or ANYBODY),
        )

    def buckets(self, plan: dict) -> None:
        s3 = self.client("s3")
        for bucket in resources(plan, "aws_s3_bucket"):
            region = bucket.get("region") or HOME
            self.client("s3", region=region).create_bucket(
                Bucket=bucket["bucket"], CreateBucketConfiguration={"LocationConstraint": region}
            )
        for policy in resources(plan, "aws_s3_bucket_policy"):
            s3.put_bucket_policy(Bucket=policy["bucket"], Policy=unconditional(policy["policy"]))
        for item in resources(plan, "aws_s3_object"):
            s3.put_object(Bucket=item["bucket"], Key=item["key"], Body=item["content"].encode())

    def queues(self, plan: dict) -> None:
        sqs = self.client("sqs")
        self.urls = {
            queue["name"]: sqs.create_queue(QueueName=queue["name"])["QueueUrl"]
            for queue in resources(plan, "aws_sqs_queue")
        }

    def identities(self, plan: dict) -> None:
        iam = self.client("iam")
        # a user that is given rights, whoever made it
        for user in {policy["user"] for policy in resources(plan, "aws_iam_user_policy")}:
            iam.create_user(UserName=user)
        for policy in resources(plan, "aws_iam_user_policy"):
            iam.put_user_policy(
                UserName=policy["user"],
                PolicyName=policy["name"],
                PolicyDocument=unconditional(policy["policy"]),
            )
        for role in resources(plan, "aws_iam_role"):
            iam.create_role(RoleName=role["name"], AssumeRolePolicyDocument=role["assume_role_policy"])
        for policy in resources(plan, "aws_iam_role_policy"):
            iam.put_role_policy(
                RoleName=policy["role"],
                PolicyName=policy["name"],
                PolicyDocument=unconditional(policy["policy"]),
            )

    def user(self, name: str) -> dict:
        """An access key of a user."""
        key = self.client("iam").create_access_key(UserName=name)["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def role(self, name: str) -> dict:
        """A session of a role. Whom the role trusts is asserted on the plan: moto does not know GitHub or Lambda."""
        arn = self.client("iam").get_role(RoleName=name)["Role"]["Arn"]
        session = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }


def refused(call, **arguments) -> bool:
    """Whether the call is refused for want of a permission. Any other failure is the test's."""
    try:
        call(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in {"AccessDenied", "AccessDeniedException"} or (status == 403 and code == "403"):
            return True
        raise
    return False


def environment(credentials: dict, endpoint: str) -> dict:
    """What a program of AWS's own chain needs to be that identity."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "AWS_REGION": HOME,
        "AWS_ENDPOINT_URL": endpoint,
        **{name.upper(): value for name, value in credentials.items()},
    }
