import { ClerkProvider, UserButton } from '@clerk/nextjs';
import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import './style.css';

export const metadata: Metadata = { title: 'Next.js example', icons: 'data:,' };

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <ClerkProvider>
          <header>
            <nav>
              <Link href="/">Home</Link> <Link href="/account">Account</Link>
            </nav>
            <UserButton />
          </header>
          <main>{children}</main>
        </ClerkProvider>
      </body>
    </html>
  );
}
