import json
import sys

from generated import AuthenticatedClient
from generated.api.backend_api import create_actor_token, create_user, revoke_actor_token
from generated.models import Actor, CreateActorTokenBody, CreateUserBody

settings = json.load(sys.stdin)
external_id = settings["externalId"]
client = AuthenticatedClient(base_url=settings["apiUrl"], token=settings["secretKey"])

user = create_user.sync(client=client, body=CreateUserBody(external_id=external_id, first_name="Ada"))
body = CreateActorTokenBody(user_id=external_id, actor=Actor(sub="support_7"))
created = create_actor_token.sync(client=client, body=body)
revoked = revoke_actor_token.sync(created.id, client=client)
again = revoke_actor_token.sync_detailed(created.id, client=client)

outcome = {
    "user": user.external_id,
    "created": created.status,
    "revoked": revoked.status,
    "refused": [again.status_code, again.parsed.errors[0].code],
}
print(json.dumps(outcome))
