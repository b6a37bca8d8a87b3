// The schemas with a name in the document. Where a part of an answer is one of these, the document refers to it.
import { testingTokenAnswer } from '../../functions/backend-sessions/answers.ts';
import {
  devBrowserAnswer,
  healthAnswer,
  openapiAnswer,
  openidConfigurationAnswer,
} from '../../functions/fallback/answers.ts';
import { environmentAnswer } from '../../functions/fallback/environment-answer.ts';
import { actorAnswer, actorTokenAnswer } from '../../shared/actor-tokens/actor-token-answer.ts';
import { emptyPageAnswer, timestamp } from '../../shared/base/answer-schema.ts';
import { errorsAnswer, traceId } from '../../shared/http/error-answer.ts';
import { clientAnswer } from '../../shared/sessions/client-answer.ts';
import {
  activeSessionAnswer,
  clientSessionAnswer,
  ownSessionAnswer,
  sessionActivityAnswer,
  sessionAnswer,
  sessionPageAnswer,
  tokenAnswer,
} from '../../shared/sessions/session-answer.ts';
import { signInAnswer } from '../../shared/sign-ins/sign-in-answer.ts';
import { jwksAnswer } from '../../shared/signing/jwks-answer.ts';
import {
  deletedUserAnswer,
  emailAddressAnswer,
  phoneNumberAnswer,
  publicUserAnswer,
  publicUserDataAnswer,
  totalCountAnswer,
  userAnswer,
} from '../../shared/users/user-answer.ts';
import { printableText } from './printable-text.ts';

export const components = {
  ActorToken: actorTokenAnswer,
  Session: sessionAnswer,
  SessionActivity: sessionActivityAnswer,
  SessionPage: sessionPageAnswer,
  ActiveSession: activeSessionAnswer,
  ClientSession: clientSessionAnswer,
  OwnSession: ownSessionAnswer,
  Token: tokenAnswer,
  Client: clientAnswer,
  SignIn: signInAnswer,
  User: userAnswer,
  PublicUser: publicUserAnswer,
  PublicUserData: publicUserDataAnswer,
  EmailAddress: emailAddressAnswer,
  PhoneNumber: phoneNumberAnswer,
  DeletedUser: deletedUserAnswer,
  TotalCount: totalCountAnswer,
  EmptyPage: emptyPageAnswer,
  TestingToken: testingTokenAnswer,
  Environment: environmentAnswer,
  DevBrowser: devBrowserAnswer,
  Health: healthAnswer,
  Jwks: jwksAnswer,
  OpenapiDocument: openapiAnswer,
  OpenidConfiguration: openidConfigurationAnswer,
  Timestamp: timestamp,
  Actor: actorAnswer,
  PrintableText: printableText,
  TraceId: traceId,
  Errors: errorsAnswer,
};
