// The pages of a link that works: the offer to sign in, and the completed sign-in. The ticket is in a form of the page, and nowhere else:
// the page's script removes it from the address.
import type { Impersonation } from '../../shared/actor-tokens/actor-token.ts';
import type { Instance } from '../../shared/base/instance.ts';
import type { Answer } from '../../shared/http/answer.ts';
import type { SignInPreview } from '../../shared/sign-ins/preview-sign-in.ts';
import type { CompletedSignIn } from '../../shared/sign-ins/sign-in-with-ticket.ts';
import { displayNameOf, identifierOf, type User } from '../../shared/users/user.ts';
import { type Html, html } from './html.ts';
import { continueHtml, formHtml, headersOf, page, personHtml, rowHtml, timeHtml } from './layout.ts';
import { actorNameOf, durationText } from './wording.ts';

/** Who acts as whom, and why. */
function peopleHtml(user: User, { actor, reason }: Pick<Impersonation, 'actor' | 'reason'>): readonly Html[] {
  return [
    rowHtml('Account', personHtml(displayNameOf(user), identifierOf(user), user.id)),
    rowHtml('Acting', personHtml(actorNameOf(actor) ?? actor.sub, actor.sub)),
    ...(reason === undefined ? [] : [rowHtml('Reason', html`<div dir="auto">${reason}</div>`)]),
  ];
}

/** The facts about the sign-in that the button would cause. */
function detailsHtml({ actorToken, user }: SignInPreview, inactivity: string): readonly Html[] {
  const duration = durationText(actorToken.sessionMaxDurationInSeconds);
  return [
    ...peopleHtml(user, actorToken),
    rowHtml('For', html`at most ${duration}<br><span class="detail">ends after ${inactivity} without activity</span>`),
    rowHtml('This link', html`works once, until ${timeHtml(actorToken.expireAt)}`),
  ];
}

interface Offer {
  readonly preview: SignInPreview;
  readonly ticket: string;
  readonly redirect: URL | undefined;
}

/** The page that shows who will act as whom, and has the button that redeems the ticket or leads on to the app's sign-in page. */
export function offerPage({ preview, ticket, redirect }: Offer, instance: Instance): Answer {
  const name = displayNameOf(preview.user);
  const app = instance.signInUrl && new URL(instance.signInUrl).host;
  const button = app
    ? html`<span class="short">Continue to ${app} as <bdi>${name}</bdi></span>`
    : html`<span class="short">Sign in as <bdi>${name}</bdi></span>`;
  const effect = app
    ? html`It ends any other session of this browser, and ${app} then signs you in.`
    : html`It ends any other session of this browser.`;
  const main = html`<h1><span class="short">Sign in as <bdi>${name}</bdi></span></h1>
<p>You are about to use another person’s account. It is recorded who acts as whom, when and from where.</p>
<dl>
${detailsHtml(preview, durationText(instance.inactivityInSeconds))}</dl>
${formHtml({ method: 'post', ticket, redirectUrl: redirect?.href, button })}
<p class="note">Nothing happens until you press the button. ${effect} If this link is not for you, close this page.</p>`;
  return { text: page({ title: `Sign in as ${name}`, main }, instance), headers: headersOf(instance) };
}

/** The page of a completed sign-in. Its script goes onward by itself; without a script, or a page to go to, it says who is signed in. */
export function signedInPage(
  { session, user }: Pick<CompletedSignIn, 'session' | 'user'>,
  onward: URL | undefined,
  instance: Instance,
): Answer {
  const name = displayNameOf(user);
  const inactivity = durationText(instance.inactivityInSeconds);
  const way = onward
    ? html`<div id="onward">${continueHtml(onward)}</div>`
    : html`<p>You can close this page and open the app in this browser.</p>`;
  const main = html`<h1><span id="signed-in" class="short">Signed in as <bdi>${name}</bdi></span></h1>
<dl>
${peopleHtml(user, session)}${rowHtml('Until', html`${timeHtml(session.expireAt)}<br><span class="detail">or earlier, after ${inactivity} without activity</span>`)}</dl>
${way}`;
  return { text: page({ title: `Signed in as ${name}`, main }, instance), headers: headersOf(instance) };
}
